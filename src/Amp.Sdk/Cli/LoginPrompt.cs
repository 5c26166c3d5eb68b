namespace Amp.Cli;

/// <summary>
/// Recognizes the interactive login that the CLI starts where it has no key, also when its output should be JSON. It never ends by
/// itself then, not even at the end of its input (seen on all CLIs of 2026).
/// </summary>
internal static class LoginPrompt
{
    /// <summary>What is wrong, for whoever has ended it.</summary>
    public const string Message = "There is no API key: the Amp CLI began an interactive login, which was ended at once.";

    /// <summary>Whether output that should be something else is a login.</summary>
    public static bool IsIn(ReadOnlySpan<byte> text) =>
        text.IndexOf("Starting login flow"u8) >= 0 || text.IndexOf("cli-login?authToken="u8) >= 0;
}
