namespace Amp.Permissions;

/// <summary>Checks the values of a rule for a kind of tools.</summary>
internal static class KindCheck
{
    /// <exception cref="AmpValidationException">The rule cannot be translated to rules of a CLI.</exception>
    public static void Check(ToolKind kind, string? command, string? path)
    {
        if (!Enum.IsDefined(kind) || kind == ToolKind.Other)
        {
            throw new AmpValidationException(
                $"A rule cannot name the kind {kind}, which stands for all unknown tools.",
                nameof(AmpPermission.Kind),
                "Name the tools, or end the list with a rule for the tool *.",
                kind);
        }

        if (command is not null && kind != ToolKind.Shell)
        {
            throw new AmpValidationException(
                $"A command cannot be used in a rule for the kind {kind}.", nameof(AmpPermission.Command), "Omit it, or use the kind Shell.");
        }

        if (path is not null && kind is not (ToolKind.Read or ToolKind.Write))
        {
            throw new AmpValidationException(
                $"A path cannot be used in a rule for the kind {kind}.",
                nameof(AmpPermission.Path),
                "Omit it, or use the kind Read or Write.");
        }

        CheckText(command, nameof(AmpPermission.Command));
        CheckText(path, nameof(AmpPermission.Path));
        if (command is not null)
        {
            // Creates the message for an invalid regular expression.
            _ = MatchCopy.Of(new System.Collections.Specialized.OrderedDictionary { [nameof(AmpPermission.Command)] = command });
        }

        if (path is not null && (path.EndsWith('/') || path.AsSpan().IndexOfAny("\\\n\r") >= 0))
        {
            throw new AmpValidationException(
                $"The path '{TerminalText.Strip(path).ReplaceLineEndings(" ")}' {(path.EndsWith('/') ? "ends with a slash" : "has a backslash or a line end")}, so no file would match.",
                nameof(AmpPermission.Path),
                "Give a file, or a folder with a star: /etc/*. Folders are separated by /.",
                path);
        }

        if (path is not null && path.Split('/').Contains(".."))
        {
            throw new AmpValidationException(
                $"The path '{TerminalText.Strip(path)}' contains '..', which a rule compares as text.", nameof(AmpPermission.Path), "Give the full path.", path);
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
            throw new AmpValidationException($"{optionName} is empty.", optionName, "Omit it to match all calls of the kind.");
        }

        MatchText.Check(text, optionName, optionName);
    }
}
