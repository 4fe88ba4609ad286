"""The frozen program's entry."""

from presales_desktop.__main__ import main

main()
