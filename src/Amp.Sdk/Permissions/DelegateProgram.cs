namespace Amp.Permissions;

/// <summary>Checks the program that a rule delegates to. The CLI starts it by its path alone, without a shell.</summary>
internal static class DelegateProgram
{
    private const string OptionName = nameof(AmpPermission.To);

    /// <summary>Gets the full path of the program; null if none is given and none is required.</summary>
    /// <exception cref="AmpValidationException">The program is missing, not allowed, or cannot be started.</exception>
    public static string? Check(string? to, PermissionAction action)
    {
        if (action != PermissionAction.Delegate)
        {
            return to is null
                ? null
                : throw new AmpValidationException(
                    $"The action of the rule is {action}, so it cannot have a program to delegate to.",
                    OptionName,
                    "Use the action Delegate, or omit the program.",
                    to);
        }

        if (string.IsNullOrWhiteSpace(to))
        {
            throw new AmpValidationException(
                "A rule with the action Delegate requires a program.",
                OptionName,
                "Give the path of a program. It reads the tool's input as JSON from standard input. Exit code 0 allows the call, "
                + "2 rejects it.");
        }

        return Existing(to);
    }

    private static string Existing(string to)
    {
        if (to.AsSpan().IndexOfAnyInRange('\0', '\u001f') >= 0)
        {
            throw new AmpValidationException(
                "The program to delegate to has a NUL or another control character in its path.", OptionName, "Remove it from the path.");
        }

        MatchText.Check(to, OptionName, "The program to delegate to");
        string path = Path.GetFullPath(to);
        if (Directory.Exists(path))
        {
            throw new AmpValidationException($"'{to}' is a folder.", OptionName, "Give the path of a program.", to);
        }

        if (!File.Exists(path))
        {
            throw Missing(to);
        }

        if (path.Count(c => c == '%') > 1)
        {
            // The CLI inserts the values of variables for the text between them.
            throw new AmpValidationException(
                $"The path '{to}' has percent signs, which the CLI would expand as a variable.",
                OptionName,
                "Give a path without them.",
                to);
        }

        CheckCanStart(to, path);
        return path;
    }

    private static AmpValidationException Missing(string to)
    {
        for (int end = to.LastIndexOf(' '); end > 0; end = to.LastIndexOf(' ', end - 1))
        {
            if (File.Exists(to[..end].Trim('"', '\'')))
            {
                return new AmpValidationException(
                    $"'{to}' has arguments after the program; the CLI would use the whole text as a path.",
                    OptionName,
                    "Give only the path, and put the arguments into a script.",
                    to);
            }
        }

        return new AmpValidationException(
            $"The program '{to}' does not exist.", OptionName, "Give the path of an existing program, without arguments.", to);
    }

    private static void CheckCanStart(string to, string path)
    {
        if (OperatingSystem.IsWindows())
        {
            if (Path.GetExtension(path).ToUpperInvariant() is not (".EXE" or ".COM"))
            {
                throw new AmpValidationException(
                    $"'{to}' is not a program that Windows can start without a shell.", OptionName, "Give the path of an .exe file.", to);
            }

            return;
        }

        const UnixFileMode Executable = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
        if ((File.GetUnixFileMode(path) & Executable) == 0)
        {
            throw new AmpValidationException(
                $"'{to}' is not executable, so the CLI would reject every call.", OptionName, $"Make it executable with: chmod +x '{to}'", to);
        }
    }
}
