"""A rule of the tree: what it demands, how it is checked, and trees that show that the check finds what it is for."""

from dataclasses import dataclass, field
from typing import Callable

Files = dict[str, str]


@dataclass
class Rule:
    name: str
    check: Callable[[Files], list[str]]
    """Gives each violation as `path:line: sentence`."""
    planted: list[Files]
    """Small trees, each with a violation that the check must find."""
    innocent: list[Files] = field(default_factory=list)
    """Small trees that look suspicious and are not."""
