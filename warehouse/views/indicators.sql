SELECT * FROM indicator_values
