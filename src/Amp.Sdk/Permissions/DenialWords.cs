using Amp.Json;

namespace Amp.Permissions;

/// <summary>
/// The words in the result of a call that was denied. Only this class knows them. The result of a call that ran is different: for a shell
/// command, for example, it is JSON, whatever the command prints.
/// </summary>
/// <remarks>
/// <list type="table">
/// <listheader><term>words</term><description>builds in which they were seen, and their meaning</description></listheader>
/// <item><term><c>Tool execution rejected by user</c>, an error</term><description>0.0.1767830505 to 0.0.1777897475: a rule or a program that
/// rejects without a message.</description></item>
/// <item><term>only the message of a rule, an error</term><description>the same builds: a rule that rejects with a message. The message of a
/// program also appears alone, and cannot be known in advance.</description></item>
/// <item><term><c>spawn PROGRAM ENOENT</c>, an error</term><description>the same builds: the program that a rule delegates to is
/// missing.</description></item>
/// <item><term><c>tool "NAME" is disabled: </c>, an error</term><description>0.0.1777897475 to 0.0.1790142911: a tool that is disabled in the
/// settings.</description></item>
/// <item><term><c>Tool rejected by plugin: </c>, not an error</term><description>0.0.1784106548 to 0.0.1790142911: a rule or a program that
/// rejects, and a call that requires an approval.</description></item>
/// <item><term><c>Plugin error: </c>, an error</term><description>the same builds: a rule with a message, a program that gives a reason or is
/// missing, an approval that nobody can give. In each case, the call did not run.</description></item>
/// </list>
/// </remarks>
internal static class DenialWords
{
    private const string RejectedByUser = "Tool execution rejected by user";
    private const string PluginError = "Plugin error: ";

    private static ReadOnlySpan<byte> RejectedByPlugin => "Tool rejected by plugin: "u8;

    /// <summary>
    /// Returns whether a result that is not an error begins like a denial, in the raw text of the line, without decoding it.
    /// </summary>
    public static bool Begin(in JsonReader text) => text.ValueSpan.StartsWith(RejectedByPlugin);

    /// <summary>Gets the text of a rejected call's result, as early CLIs write it.</summary>
    /// <param name="reason">The reason; null if it is unknown.</param>
    public static string Rejected(string? reason) => string.IsNullOrEmpty(reason) ? RejectedByUser
        : reason.StartsWith(RejectedByUser, StringComparison.Ordinal) ? reason
        : $"{RejectedByUser}: {reason}";

    /// <summary>Returns whether the text of an error result is a denial.</summary>
    /// <param name="tool">The name of the called tool.</param>
    /// <param name="text">The whole text.</param>
    /// <param name="rules">The messages of the run's rules for rejected calls.</param>
    public static bool Tell(string tool, string text, RejectMessages rules) =>
        text.StartsWith(RejectedByUser, StringComparison.Ordinal)
        || text.StartsWith(PluginError, StringComparison.Ordinal)
        || text.StartsWith($"tool \"{tool}\" is disabled: ", StringComparison.Ordinal)
        || rules.Explain(tool, text);
}
