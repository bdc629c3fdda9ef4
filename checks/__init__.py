"""The enforcing layer: pandera schemas made from the declared tables, and the Dagster asset checks that stand on the assets."""
