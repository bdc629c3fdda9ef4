"""Edit rules (勾稽关系): the declared equations evaluated over fact frames."""
