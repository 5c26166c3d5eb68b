using System.Text.RegularExpressions;

namespace Amp.Cli;

/// <summary>The causes that a CLI reports on its standard error.</summary>
internal enum CliFault
{
    None,
    ServiceUnreachable,
    UnknownOption,
    ThreadNotFound,
    KeyRefused,
    ThreadArchived,
    CliOutdated,
}

/// <summary>
/// Finds the cause in the text of a CLI. The texts are those of the CLIs of 2026. Each is used only where it can be the cause: an MCP
/// server refuses connections too, and stack traces contain many numbers.
/// </summary>
internal static partial class CliFaultText
{
    /// <summary>Finds the cause; none if the text contains no known one.</summary>
    /// <param name="text">The standard error of the CLI.</param>
    /// <param name="beforeAnyOutput">Whether the CLI wrote nothing else, so that its text is about its start.</param>
    /// <param name="afterLoss">Whether the CLI went on after it had reported that it lost its service, which is then not the cause.</param>
    /// <param name="namesThread">Whether the CLI was asked for a thread that may not exist.</param>
    /// <param name="isRun">Whether it was a run, in which tools and servers can also fail to fetch something.</param>
    public static CliFault Find(string text, bool beforeAnyOutput, bool afterLoss, bool namesThread, bool isRun)
    {
        if (Has(text, "Couldn't connect to the Amp server") || (!afterLoss && ServiceWords.TellLoss(text))
            || (beforeAnyOutput && (Has(text, "ECONNREFUSED") || Has(text, "ENOTFOUND") || Has(text, "Unable to connect. Is the computer"))))
        {
            return CliFault.ServiceUnreachable;
        }

        if (beforeAnyOutput
            && (Has(text, "unknown option") || Has(text, "is invalid. Allowed choices are") || Has(text, "unknown command")))
        {
            return CliFault.UnknownOption;
        }

        if (OutdatedPattern().IsMatch(text))
        {
            return CliFault.CliOutdated;
        }

        // Since July 2026, a new thread is archived by its run unless the CLI is told otherwise.
        if (namesThread && Has(text, "archived and cannot be continued"))
        {
            return CliFault.ThreadArchived;
        }

        if (namesThread && MissingThreadPattern().IsMatch(text))
        {
            return CliFault.ThreadNotFound;
        }

        return RefusedKeyPattern().IsMatch(text) ? CliFault.KeyRefused
            : !isRun && Has(text, "fetch failed") ? CliFault.ServiceUnreachable
            : CliFault.None;
    }

    /// <summary>Returns whether <c>tools show</c> or <c>tools use</c> reports that the tool does not exist.</summary>
    public static bool TellsUnknownTool(string text, string name) => Has(text, "No such tool") || Has(text, $"Tool '{name}' not found");

    /// <summary>Returns whether <c>tools use</c> reports that the input does not match the schema of the tool.</summary>
    public static bool TellsInvalidInput(string text) =>
        Has(text, "Missing required parameter") || (Has(text, "Parameter --") && Has(text, "must be of type"));

    /// <summary>Returns whether <c>review</c> reports that it requires permission for every tool.</summary>
    public static bool TellsNoPermissions(string text) => Has(text, "not yet support permissions");

    /// <summary>
    /// Returns whether <c>mcp oauth login</c> reports that it cannot reach the MCP server: the Node builds fail to fetch, the native ones
    /// to connect.
    /// </summary>
    public static bool TellsUnreachableServer(string text) => Has(text, "fetch failed") || Has(text, "Unable to connect");

    private static bool Has(string text, string part) => text.Contains(part, StringComparison.OrdinalIgnoreCase);

    [GeneratedRegex(
        @"\bthread\b[^\n]*\b(?:not found|does not exist)|thread-not-found|no previously used thread",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex MissingThreadPattern();

    [GeneratedRegex(
        @"\b(?:HTTP|status|code|failed:)\W{0,3}426\b|\b426\b\W{0,3}Upgrade Required|version of (?:the )?Amp(?: CLI)? is (?:too old|no longer supported|outdated)",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex OutdatedPattern();

    [GeneratedRegex(
        @"\b(?:invalid|missing|no|wrong|expired|revoked)\b[^\n]{0,20}\bAPI key|\bAPI key\b[^\n]{0,20}\b(?:invalid|missing|not found|expired|revoked|required)\b"
            + @"|\bunauthorized\b|not logged in|access token expired|\b(?:HTTP|status|code)\b\W{0,3}401\b"
            + @"|\bAPI request for \w+ failed: 401\b",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex RefusedKeyPattern();
}

/// <summary>
/// Recognizes the interactive login that the CLI starts if it has no key, even if its output should be JSON. It then never exits by itself,
/// not even when its input closes (seen on all CLIs of 2026).
/// </summary>
internal static class LoginPrompt
{
    private const int LongestStart = 1024;

    /// <summary>The error message after the CLI was stopped.</summary>
    public static AmpAuthenticationException Failure() => new("No API key was found. The Amp CLI started an interactive login, which was stopped.");

    /// <summary>Returns whether a line is part of a login and not a message.</summary>
    public static bool IsIn(ReadOnlySpan<byte> text) => text.IndexOf(Words) >= 0 || text.IndexOf(Address) >= 0;

    /// <summary>
    /// Returns whether the answer of a command is a login: its first line announces it, or one of the first lines is its URL. A thread, a
    /// table or JSON that contains the same words later is an answer.
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

/// <summary>
/// The words with which a CLI reports on standard error that it lost its service during a run. Only this class knows them.
/// </summary>
/// <remarks>
/// <list type="table">
/// <listheader>
/// <term>words</term><description>builds in which they were seen, and when</description>
/// </listheader>
/// <item>
/// <term><c>Cannot reach Amp servers</c></term><description>0.0.1784106548 to 0.0.1790142911: the connection is broken and cannot be
/// restored. While a tool is working, nothing is reported.</description>
/// </item>
/// </list>
/// </remarks>
internal static class ServiceWords
{
    private const string Unreachable = "Cannot reach Amp servers";

    /// <summary>Returns whether a line or text reports that the CLI has lost its service.</summary>
    public static bool TellLoss(string text) => text.Contains(Unreachable, StringComparison.OrdinalIgnoreCase);
}
