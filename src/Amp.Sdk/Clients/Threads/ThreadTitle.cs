namespace Amp.Clients.Threads;

/// <summary>Checks a title in the same way as the CLI, and for characters that would break the lists that contain it.</summary>
internal static class ThreadTitle
{
    private const int Longest = 256;

    /// <exception cref="AmpValidationException">The title cannot be used.</exception>
    public static void Check(string title)
    {
        ArgumentNullException.ThrowIfNull(title);
        string? reason = title.Trim().Length switch
        {
            0 => "is empty",
            > Longest => $"has {title.Trim().Length} characters; at most {Longest} are allowed",
            _ => title.Any(char.IsControl) ? "contains control characters" : null,
        };
        if (reason is not null)
        {
            throw new AmpValidationException(
                $"The title '{TerminalText.Strip(title)}' {reason}.", "Title", $"Give a line of 1 to {Longest} characters.", title);
        }
    }
}
