namespace Amp.Cli;

/// <summary>
/// Recognizes the interactive login that the CLI starts where it has no key, also when its output should be JSON. It never ends by
/// itself then, not even at the end of its input (seen on all CLIs of 2026).
/// </summary>
internal static class LoginPrompt
{
    /// <summary>What is wrong, for whoever has ended it.</summary>
    public const string Message = "No API key was found. The Amp CLI started an interactive login, which was stopped.";

    private const int LongestStart = 1024;

    /// <summary>Whether a line that should be a message is one of a login.</summary>
    public static bool IsIn(ReadOnlySpan<byte> text) => text.IndexOf(Words) >= 0 || text.IndexOf(Address) >= 0;

    /// <summary>
    /// Whether the answer of a command is a login: its first line says so, or an early line is the address of one. A thread, a table or
    /// JSON that has the same words further on is an answer.
    /// </summary>
    public static bool Begins(ReadOnlySpan<byte> answer)
    {
        ReadOnlySpan<byte> start = TerminalText.WithoutLeadingControls(answer[..Math.Min(answer.Length, LongestStart)]);
        if (start is [] or [(byte)'{' or (byte)'[' or (byte)'#' or (byte)'-', ..])
        {
            return false;
        }

        int end = start.IndexOf((byte)'\n');
        if ((end < 0 ? start : start[..end]).IndexOf(Words) >= 0)
        {
            return true;
        }

        while (end >= 0)
        {
            start = start[(end + 1)..];
            end = start.IndexOf((byte)'\n');
            ReadOnlySpan<byte> line = (end < 0 ? start : start[..end]).TrimStart(" \t"u8);
            if (line.StartsWith("http"u8) && line.IndexOf(Address) >= 0)
            {
                return true;
            }
        }

        return false;
    }

    private static ReadOnlySpan<byte> Words => "Starting login flow"u8;

    private static ReadOnlySpan<byte> Address => "cli-login?authToken="u8;
}
