"""One square picture per lesson, drawn for the purpose; one module per subject.

A module has a dictionary ``DRAWINGS`` from the name of a lesson to a function that
returns the inside of an SVG image of 240 x 240 units. The functions share the shapes,
colours and line widths of ``drawings.shapes``; they show one idea and no axes, and
where the idea is about data they show real data.
"""
