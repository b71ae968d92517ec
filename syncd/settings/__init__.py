"""How one installation runs: environment variables first, then the settings file.

The settings file (`SYNCD_CONFIG`) is YAML: the sources and their credentials' places, how often
to measure, variables, and any setting of `Settings` under its own name. Secrets never stand in
it: they are named as ``{env: NAME}`` or ``{file: PATH}``.
"""

from syncd.settings.installation import Installation, load_settings
from syncd.settings.process import Settings
from syncd.settings.secrets import Secret, SettingsRefused
from syncd.settings.sources import Auth, Every, LimitsSetting, SourceSetting

__all__ = [
    "Auth",
    "Every",
    "Installation",
    "LimitsSetting",
    "Secret",
    "Settings",
    "SettingsRefused",
    "SourceSetting",
    "load_settings",
]
