"""What every command of the command line shares: its settings, and how it is asked for JSON."""

import click

from orchestration.logs import write_json_lines
from orchestration.settings import Settings, SettingsError, load_settings

JSON = click.option("--json", "as_json", is_flag=True, help="Answer as JSON.")


def command_settings(*, live: bool = False) -> Settings:
    """The settings, or a sentence for whoever typed the command.

    Raises:
        ClickException: the settings are wrong.
    """
    try:
        settings = load_settings(live=live)
    except SettingsError as error:
        raise click.ClickException(str(error)) from error
    if settings.log_format == "json":
        write_json_lines()
    return settings
