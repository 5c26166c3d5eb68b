using System.Buffers;
using Amp.Permissions;
using Amp.Tools;

namespace Amp.Plans;

/// <summary>
/// Finds rules of a call that have no effect on a CLI: their tool or its input does not exist there, or another tool does the same. Only
/// certain cases are reported: none for patterns, MCP servers and toolboxes, and none for builds later than the analyzed ones.
/// </summary>
internal static class RuleWarnings
{
    private const int MostNamed = 5;

    private static readonly SearchValues<char> s_special = SearchValues.Create("*?[{!(");

    /// <summary>Gets the warnings; none if the CLI or its build is unknown.</summary>
    /// <param name="options">The original options.</param>
    /// <param name="cli">The CLI.</param>
    public static IEnumerable<string> Of(AmpOptions options, AmpCli? cli)
    {
        if (cli is null || cli.BuildTime is < KnownTools.Oldest or > KnownTools.Newest || options.Permissions is not { Count: > 0 } rules)
        {
            return [];
        }

        return [.. rules.Select(rule => OfRule(rule, cli)).OfType<string>().Concat(OpenTools(rules, options.EnabledTools, cli)).Distinct()];
    }

    private static string? OfRule(AmpPermission rule, AmpCli cli)
    {
        if (rule.Kind is not null || !IsName(rule.Tool))
        {
            return null;
        }

        KnownTool? tool = Find(rule.Tool);
        bool isThere = tool is not null && (tool.IsIn(cli.BuildTime) || HasTwin(tool, cli));
        if (!isThere)
        {
            // Names of tools that only read are given for all builds at once, as in the read-only rules.
            return rule.Action == PermissionAction.Allow && tool?.Kind is ToolKind.Read or ToolKind.Search
                ? null
                : $"The rule {rule} matches nothing: the Amp CLI {cli.Version} is not known to have a tool '{rule.Tool}'. {Advice(rule, tool)}";
        }

        string? field = rule.Matches?.Keys.Cast<string>().Select(key => key.Split('.')[0]).FirstOrDefault(name => !tool!.Fields.Contains(name));
        return field is null
            ? null
            : $"The rule {rule} matches nothing: the tool '{tool!.Name}' of the Amp CLI {cli.Version} is not known to have an input '{field}'"
                + $" (it has {string.Join(", ", tool.Fields)}). {Advice(rule, tool)}";
    }

    private static IEnumerable<string> OpenTools(IReadOnlyList<AmpPermission> rules, IReadOnlyList<string>? enabled, AmpCli cli)
    {
        AmpPermission[] restricting = [.. rules.Where(rule => rule.Action != PermissionAction.Allow)];
        AmpPermission[] rejects = [.. rules.Where(rule => rule.Action == PermissionAction.Reject && rule.Kind is null && IsName(rule.Tool))];
        foreach (ToolKind kind in (ToolKind[])[ToolKind.Shell, ToolKind.Write])
        {
            string[] rejected = [.. rejects.Select(rule => Find(rule.Tool)).Where(tool => tool?.Kind == kind).Select(tool => tool!.Name).Distinct()];
            string[] open =
            [
                .. KnownTools.Of(kind, cli.BuildTime)
                    .Where(tool => !tool.StartsNothing && !restricting.Any(rule => Holds(rule, tool)))
                    .Where(tool => enabled?.Any(pattern => ToolOverlap.MayMatch(pattern, tool.Name)) != false)
                    .Select(tool => tool.Name),
            ];
            if (rejected.Length > 0 && open.Length > 0)
            {
                string names = string.Join(", ", open.Take(MostNamed)) + (open.Length > MostNamed ? ", ..." : string.Empty);
                yield return $"The rules reject {string.Join(", ", rejected)}, but other tools of the Amp CLI {cli.Version} do the same:"
                    + $" {names}. To reject all of them, use a rule for ToolKind.{kind}{Filter(kind)}.";
            }
        }
    }

    private static bool Holds(AmpPermission rule, KnownTool tool) => rule.Kind is ToolKind kind
        ? kind == tool.Kind
        : ToolOverlap.MayMatch(rule.Tool, tool.Name)
            || (KnownTools.ShellNames.Contains(tool.Name) && KnownTools.ShellNames.Contains(rule.Tool, StringComparer.OrdinalIgnoreCase));

    private static bool HasTwin(KnownTool tool, AmpCli cli) =>
        KnownTools.ShellNames.Contains(tool.Name) && KnownTools.ShellNames.Any(name => KnownTools.Find(name)!.IsIn(cli.BuildTime)) && cli.BuildTime > KnownTools.Oldest;

    // The CLIs compare names ignoring case.
    private static KnownTool? Find(string name) => KnownTools.All.FirstOrDefault(tool => tool.Name.Equals(name, StringComparison.OrdinalIgnoreCase));

    private static bool IsName(string pattern) =>
        pattern.AsSpan().IndexOfAny(s_special) < 0
        && !pattern.StartsWith("mcp__", StringComparison.OrdinalIgnoreCase) && !pattern.StartsWith("tb__", StringComparison.OrdinalIgnoreCase);

    private static string Advice(AmpPermission rule, KnownTool? tool) => tool?.Kind is ToolKind kind and not ToolKind.Other
        ? $"A rule for ToolKind.{kind}{Filter(kind)} applies to every build."
        : "Use ToolClient.ListAsync to list the tools. A rule for a kind of tools applies to every build.";

    private static string Filter(ToolKind kind) => kind switch
    {
        ToolKind.Shell => ", for some or all commands",
        ToolKind.Write or ToolKind.Read => ", for some or all paths",
        _ => string.Empty,
    };
}
