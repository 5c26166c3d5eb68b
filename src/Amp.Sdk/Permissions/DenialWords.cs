using Amp.Json;

namespace Amp.Permissions;

/// <summary>
/// The words by which the result of a call tells that the call was not allowed. This is the one place that knows them; the result of a
/// call that ran is something else: that of a shell command, for instance, is JSON, whatever the command prints.
/// </summary>
/// <remarks>
/// <list type="table">
/// <listheader><term>words</term><description>builds on which they were seen, and what they stand for</description></listheader>
/// <item><term><c>Tool execution rejected by user</c>, an error</term><description>
/// 0.0.1767830505 to 0.0.1777897475: a rule that rejects without a message, a program that rejects without a word.</description></item>
/// <item><term>the message of a rule, alone, an error</term><description>
/// the same builds: a rule that rejects with a message. What a program says stands there alone too, and cannot be known before.</description></item>
/// <item><term><c>spawn PROGRAM ENOENT</c>, an error</term><description>
/// the same builds: the program that a rule delegates to is missing.</description></item>
/// <item><term><c>tool "NAME" is disabled: </c>, an error</term><description>
/// 0.0.1777897475 to 0.0.1790142911: a tool that the settings switch off.</description></item>
/// <item><term><c>Tool rejected by plugin: </c>, no error</term><description>
/// 0.0.1784106548 to 0.0.1790142911: a rule or a program that rejects, and what would have to be asked about.</description></item>
/// <item><term><c>Plugin error: </c>, an error</term><description>
/// the same builds: a rule with a message, a program that says why or is missing, a question that nobody can answer. The call did not
/// run in any of these.</description></item>
/// </list>
/// </remarks>
internal static class DenialWords
{
    private const string RejectedByUser = "Tool execution rejected by user";
    private const string PluginError = "Plugin error: ";

    private static ReadOnlySpan<byte> RejectedByPlugin => "Tool rejected by plugin: "u8;

    /// <summary>Whether a result that is no error tells a denial, by its text as it stands in the line; nothing is decoded for it.</summary>
    public static bool Begin(in JsonReader text) => text.ValueSpan.StartsWith(RejectedByPlugin);

    /// <summary>Whether the text of a result that is an error tells a denial.</summary>
    /// <param name="tool">The tool that was called.</param>
    /// <param name="text">The whole text.</param>
    /// <param name="rules">What the rules of the run say when they reject.</param>
    public static bool Tell(string tool, string text, RejectMessages rules) =>
        text.StartsWith(RejectedByUser, StringComparison.Ordinal)
        || text.StartsWith(PluginError, StringComparison.Ordinal)
        || text.StartsWith($"tool \"{tool}\" is disabled: ", StringComparison.Ordinal)
        || rules.Explain(tool, text);
}
