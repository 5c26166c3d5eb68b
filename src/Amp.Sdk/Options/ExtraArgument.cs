namespace Amp.Options;

/// <summary>Checks arguments that the library does not support. Only those that would certainly break a run are refused.</summary>
internal static class ExtraArgument
{
    // They end or replace the stream of messages, or replace files that this library writes.
    private static readonly string[] s_refused =
    [
        "--execute", "-x", "--stream-json", "--stream-json-input", "--stream-json-thinking", "--settings-file", "--mcp-config",
        "--help", "-h", "--version", "-V", "-v", "--no-tui", "--remote-control-terminal", "--orb-execute", "-ox",
        "--executor", "--dangerously-allow-all",
    ];

    /// <exception cref="AmpValidationException">An argument cannot be passed to the CLI.</exception>
    public static void Check(IReadOnlyList<string>? arguments)
    {
        foreach (string argument in arguments ?? [])
        {
            OptionChecks.RefuseNul(argument ?? string.Empty, nameof(AmpOptions.ExtraArguments));
            int equals = argument?.IndexOf('=', StringComparison.Ordinal) ?? -1;
            string name = equals < 0 ? argument ?? string.Empty : argument![..equals];
            if (!name.StartsWith('-') || name is "-" or "--")
            {
                throw new AmpValidationException(
                    $"The extra argument '{TerminalText.Strip(name)}' does not begin with a dash; the CLI would read it as a command or a prompt.",
                    nameof(AmpOptions.ExtraArguments),
                    "Give an option and its value as one argument: --option=value.",
                    name);
            }

            // Short options can be combined with their value or with each other.
            bool isShort = !name.StartsWith("--", StringComparison.Ordinal);
            if (Array.Exists(s_refused, refused => refused == name || (isShort && refused.Length == 2 && name.StartsWith(refused, StringComparison.Ordinal))))
            {
                throw new AmpValidationException(
                    $"The extra argument '{name}' conflicts with options that this library sets itself.",
                    nameof(AmpOptions.ExtraArguments),
                    "Omit it, or use this library's own option.",
                    name);
            }
        }
    }
}
