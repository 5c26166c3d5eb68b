using System.Collections;
using System.Management.Automation;

namespace Amp.PowerShell.Conversion;

/// <summary>
/// Also accepts rules as hashtables and custom objects in the format of settings files (<c>tool</c>, <c>action</c>, <c>matches</c>,
/// <c>context</c>, <c>to</c>, <c>message</c>; instead of a tool, <c>kind</c>, <c>command</c>, <c>path</c>), and rules from Clixml, a job or
/// a remote session.
/// </summary>
internal sealed class PermissionTransformationAttribute : ObjectTransformationAttribute
{
    // What makes a rule narrower, or says where it applies.
    private static readonly string[] s_limits = ["matches", "match", "command", "path", "context", "to"];

    /// <summary>Reads the rules of one piped object, for a cmdlet that uses all of them or none.</summary>
    /// <exception cref="AmpValidationException">A rule is not valid or is null, or there is none.</exception>
    public static IReadOnlyList<AmpPermission> Read(SessionState session, object?[]? given, int count) =>
        new PermissionTransformationAttribute().Read<AmpPermission>(session, given, count, "Permission");

    private protected override Array ToArray(IEnumerable<object?> items) => items.Cast<AmpPermission>().ToArray();

    private protected override bool IsDone(object? item) => item is AmpPermission;

    private protected override object? Make(SessionState session, object? item, int index)
    {
        GivenObject rule = GivenObject.Of(
            item,
            $"Rule {index + 1}",
            "Permission",
            "Create one: (New-AmpPermission Bash Allow), or give a hashtable: @{ tool = 'Bash'; action = 'allow' }.");

        // A rule for some calls must not become a rule for all calls because a variable was empty. A stored rule has all fields, and its notes.
        if (!rule.Has("additionalProperties") && Array.Find(s_limits, name => rule.Has(name) && PlainValue.Unwrap(rule.Take(name)) is null) is string missing)
        {
            throw rule.Refuse($"has a '{missing}' that is $null.", "Check the variable name, or omit it.");
        }

        ToolKind? kind = rule.Choice<ToolKind>("kind");
        string? command = rule.Text("command");
        string? path = rule.Text("path");
        string? tool = rule.Text("tool", "toolName");
        if (kind is not null && !string.IsNullOrEmpty(tool))
        {
            throw rule.Refuse("has both a 'kind' and a 'tool'.", "Give one of them.");
        }

        if (kind is null && (command is not null || path is not null))
        {
            throw rule.Refuse("has a 'command' or 'path' without a 'kind'.", "Give the 'kind', or use 'matches' instead.");
        }

        tool = kind is null ? tool : "*";
        _ = tool ?? throw rule.Refuse("has no 'tool'.", "Give a tool, '*' for all tools, or a 'kind'.");
        PermissionAction action = rule.Choice<PermissionAction>("action") ?? throw rule.Refuse("has no 'action'.", "Give Allow, Reject, Ask or Delegate.");
        PermissionContext? context = rule.Choice<PermissionContext>("context");
        IDictionary? matches = rule.Dictionary("matches", "match");
        string? to = rule.Text("to");
        string? message = rule.Text("message");

        // Notes of the user in a stored rule, also from JSON. They do not affect the rule.
        _ = rule.Dictionary("additionalProperties");
        rule.RefuseRest("tool, kind, command, path, action, matches, context, to and message");
        if (matches is not null)
        {
            RefuseCutOff(rule, matches, "matches");
        }

        if (kind is not null)
        {
            return matches is not null
                ? throw rule.Refuse("has both a 'kind' and 'matches'.", "Use 'command' or 'path' instead of 'matches', or give the 'tool' instead of the 'kind'.")
                : AmpPermission.ForKind(
                    kind.Value,
                    action,
                    command,
                    path,
                    context,
                    FullPath(session, to),
                    message is { Length: 0 } ? null : message);
        }

        return new AmpPermission(
            tool!,
            action,
            matches,
            context,
            FullPath(session, to),
            message is { Length: 0 } ? null : message);
    }

    // The rule itself reports an invalid path.
    private static string? FullPath(SessionState session, string? path) =>
        string.IsNullOrWhiteSpace(path) || path.Any(char.IsControl)
            ? path is { Length: 0 } ? null : path
            : session.Path.GetUnresolvedProviderPathFromPSPath(path);

    // Below the depth with which it was stored, a list or hashtable has become the name of its type: another rule.
    private static void RefuseCutOff(GivenObject rule, object? value, string place)
    {
        switch (value)
        {
            case string text when text.StartsWith("System.Collections.", StringComparison.Ordinal) || text == "System.Object[]":
                throw rule.Refuse(
                    $"lost the contents of {place}: it was stored or sent with too small a depth.",
                    "Import the module before you store it, or use a larger depth: Export-Clixml -Depth 40, ConvertTo-Json -Depth 40.");
            case IDictionary dictionary:
                foreach (DictionaryEntry entry in dictionary)
                {
                    RefuseCutOff(rule, entry.Value, $"{place}.{TerminalText.Strip(entry.Key as string ?? string.Empty)}");
                }

                break;
            case object?[] list:
                Array.ForEach(list, item => RefuseCutOff(rule, item, place));
                break;
        }
    }
}
