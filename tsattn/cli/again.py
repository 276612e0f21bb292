"""The command that gives the same numbers again."""

import shlex

WITHOUT = ("jobs", "out", "report", "resume", "overwrite", "quiet")  # which change no number


def again(context):
    """What was typed, quoted for a shell, without what changes no number.

    Args:
        context: The `typer.Context` of the command.
    """
    words = ["tsattn", context.info_name]
    for parameter in context.command.params:
        value = context.params[parameter.name]
        typed = context.get_parameter_source(parameter.name).name == "COMMANDLINE"
        if not typed or parameter.name in WITHOUT:
            continue
        if parameter.param_type_name == "argument":
            words.append(value)
        elif parameter.is_flag:
            words.append(parameter.opts[0])
        else:
            for each in value if isinstance(value, list | tuple) else [value]:
                words += [parameter.opts[0], str(each)]
    return shlex.join(words)
