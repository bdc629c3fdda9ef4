"""The pure core of gongkai: declared data, readers, recognition, rules. Import submodules directly; nothing runs here."""
