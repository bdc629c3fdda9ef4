SELECT * FROM panel_values
