"""The command that reproduces a result."""

import shlex

IGNORED = ("jobs", "out", "report", "resume", "overwrite", "quiet")  # options that do not affect the result


def reproducing_command(context):
    """Return the command as typed, quoted for a shell, without options that do not affect the result.

    Args:
        context: The `typer.Context` of the command.
    """
    words = ["tsattn", context.info_name]
    for parameter in context.command.params:
        value = context.params[parameter.name]
        typed = context.get_parameter_source(parameter.name).name == "COMMANDLINE"
        if not typed or parameter.name in IGNORED:
            continue
        if parameter.param_type_name == "argument":
            words.append(value)
        elif parameter.is_flag:
            words.append(parameter.opts[0])
        else:
            for each in value if isinstance(value, list | tuple) else [value]:
                words += [parameter.opts[0], str(each)]
    return shlex.join(words)
