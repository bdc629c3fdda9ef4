"""The declared data: forms, rules, units, published tables.

Every code, label and equation stands in the YAML files beside this module.

Belongs here: the files, the frozen values that they load into (``model``), and the loader that refuses a file which does not
hang together (``load``). Does not belong here: anything that looks at a document.
"""
