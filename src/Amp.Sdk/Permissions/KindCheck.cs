namespace Amp.Permissions;

/// <summary>Checks what a rule for a kind of tools says.</summary>
internal static class KindCheck
{
    /// <exception cref="AmpValidationException">It can stand for no rules of a CLI.</exception>
    public static void Check(ToolKind kind, string? command, string? path)
    {
        if (!Enum.IsDefined(kind) || kind == ToolKind.Other)
        {
            throw new AmpValidationException(
                $"There can be no rule for the kind {kind}: it is every tool that is not known.",
                nameof(Permission.Kind),
                "Name the tools, or end the list with a rule for the tool *.",
                kind);
        }

        if (command is not null && kind != ToolKind.Shell)
        {
            throw new AmpValidationException(
                $"A command is given to a rule for the kind {kind}, whose tools run none.", nameof(Permission.Command), "Leave it away, or give the kind Shell.");
        }

        if (path is not null && kind is not (ToolKind.Read or ToolKind.Write))
        {
            throw new AmpValidationException(
                $"A path is given to a rule for the kind {kind}, whose calls do not always name a file.",
                nameof(Permission.Path),
                "Leave it away, or give the kind Read or Write.");
        }

        CheckText(command, nameof(Permission.Command));
        CheckText(path, nameof(Permission.Path));
        if (command is not null)
        {
            // Says what is wrong with a regular expression.
            _ = MatchCopy.Of(new System.Collections.Specialized.OrderedDictionary { [nameof(Permission.Command)] = command });
        }

        if (path is not null && (path.EndsWith('/') || path.AsSpan().IndexOfAny("\\\n\r") >= 0))
        {
            throw new AmpValidationException(
                $"The path '{TerminalText.Strip(path).ReplaceLineEndings(" ")}' {(path.EndsWith('/') ? "ends with a slash" : "has a backslash or a line end")}, so no file would match.",
                nameof(Permission.Path),
                "Give a file, or a folder with a star: /etc/*. Folders are separated by /.",
                path);
        }

        if (path is not null && path.Split('/').Contains(".."))
        {
            throw new AmpValidationException(
                $"The path '{TerminalText.Strip(path)}' goes up by '..', which a rule compares as text.", nameof(Permission.Path), "Give the full path.", path);
        }
    }

    private static void CheckText(string? text, string optionName)
    {
        if (text is null)
        {
            return;
        }

        if (string.IsNullOrWhiteSpace(text))
        {
            throw new AmpValidationException($"{optionName} is empty.", optionName, "Leave it away for all calls of the kind.");
        }

        MatchText.Check(text, optionName, optionName);
    }
}
