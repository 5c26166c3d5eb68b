using System.Collections.Specialized;
using System.Runtime.InteropServices;
using Amp.Permissions;
using Amp.Tools;

namespace Amp.Plans;

/// <summary>
/// Translates rules for kinds of tools to rules of a CLI. A rule that restricts names the tools of all known builds, because an unknown
/// name is harmless and a missing one is not.
/// </summary>
internal static class KindRules
{
    /// <summary>Gets the rules for a CLI, each with the position of its original rule.</summary>
    /// <param name="rules">The original rules.</param>
    /// <param name="cli">The CLI; null if it is not known yet, in which case nothing is refused.</param>
    /// <param name="workingDirectory">The folder for relative paths.</param>
    /// <param name="home">The home folder; null for that of this machine.</param>
    /// <param name="system">The system of the CLI; null for what this machine or the home folder is of.</param>
    /// <exception cref="AmpValidationException">A rule cannot be translated for this CLI.</exception>
    public static IReadOnlyList<(AmpPermission Rule, int Source)> Of(
        IReadOnlyList<AmpPermission> rules, AmpCli? cli, string workingDirectory, string? home = null, OSPlatform? system = null)
    {
        Place place = new(workingDirectory, home, system ?? PathPatterns.SystemOf(home));
        List<(AmpPermission, int)> result = [];
        for (int i = 0; i < rules.Count; i++)
        {
            foreach (AmpPermission made in rules[i].Kind is ToolKind kind ? Made(rules[i], kind, cli, place) : [rules[i]])
            {
                result.Add((made, i));
            }
        }

        return result;
    }

    /// <summary>Gets the options with the rules for a CLI; the same options if there is no rule for a kind.</summary>
    /// <exception cref="AmpValidationException">A rule cannot be translated for this CLI.</exception>
    public static AmpOptions ForCli(AmpOptions options, AmpCli? cli, string workingDirectory, string? home = null) =>
        options.Permissions?.Any(rule => rule.Kind is not null) != true
            ? options
            : options with { Permissions = [.. Of(options.Permissions, cli, workingDirectory, home).Select(made => made.Rule)] };

    private static IEnumerable<AmpPermission> Made(AmpPermission rule, ToolKind kind, AmpCli? cli, Place place)
    {
        bool allows = rule.Action == PermissionAction.Allow;
        KnownTool[] tools = [.. KnownTools.Of(kind, allows ? cli?.BuildTime ?? 0 : 0)];
        if (rule.Command is string command)
        {
            return Commands(rule, tools, command, allows);
        }

        if (rule.Path is string path)
        {
            return Paths(rule, tools, path, allows, cli, place);
        }

        return (kind == ToolKind.Mcp ? ["mcp__*"] : Array.Empty<string>())
            .Append(tools.Length == 1 ? tools[0].Name : $"{{{string.Join(',', tools.Select(tool => tool.Name))}}}")
            .Select(pattern => Rule(rule, pattern, null));
    }

    private static IEnumerable<AmpPermission> Commands(AmpPermission rule, KnownTool[] tools, string command, bool allows)
    {
        foreach (KnownTool tool in tools)
        {
            if (tool.Command is string field)
            {
                yield return Rule(rule, tool.Name, new OrderedDictionary { [field] = command });
            }
            else if (!allows && !tool.StartsNothing)
            {
                // Its command is in more than one input.
                yield return Rule(rule, tool.Name, null);
            }
        }
    }

    private static List<AmpPermission> Paths(AmpPermission rule, KnownTool[] tools, string path, bool allows, AmpCli? cli, Place place)
    {
        if (allows && cli is not null && Array.Find(tools, tool => tool.Patch is not null) is KnownTool patching)
        {
            throw new AmpValidationException(
                $"The Amp CLI {cli.Version} cannot apply the rule {rule}: its tool {patching.Name} names files in a patch, which can name"
                    + " other files in addition to the allowed ones.",
                nameof(AmpOptions.Permissions),
                "Use rules for ToolKind.Write to reject the paths that must not be written, or use AmpOptions.Approval to decide by ApprovalRequest.Files.",
                rule,
                AmpErrorId.UnsupportedByCli);
        }

        if (allows && cli is not null && place.Platform == OSPlatform.Windows)
        {
            throw new AmpValidationException(
                $"The rule {rule} cannot be applied on Windows, where a path has more spellings than a rule that allows can exclude.",
                nameof(AmpOptions.Permissions),
                "Use rules for the same kind to reject the paths that must not be used, or use AmpOptions.Approval to decide by ApprovalRequest.Files.",
                rule,
                AmpErrorId.UnsupportedByCli);
        }

        List<AmpPermission> made = [];
        foreach (KnownTool tool in tools)
        {
            if (tool.Patch is null && tool.Paths.Count == 0 && tool.Kind == ToolKind.Read)
            {
                // It reads a thread or a list, not a file.
                continue;
            }

            if (allows)
            {
                if (tool.AlwaysNamesPath)
                {
                    made.Add(Rule(rule, tool.Name, new OrderedDictionary { [tool.Paths[0]] = PathPatterns.Inside(path, place.Folder, place.Home) }));
                }

                continue;
            }

            object[]? texts = tool.Patch is not null ? PathPatterns.InPatch(path, place.Folder, place.Platform, place.Home)
                : tool.AlwaysNamesPath ? PathPatterns.Touching(path, place.Folder, place.Platform, place.Home)
                : null;
            made.Add(Rule(rule, tool.Name, texts is null ? null : new OrderedDictionary { [tool.Patch ?? tool.Paths[0]] = texts }));
        }

        return made;
    }

    private static AmpPermission Rule(AmpPermission rule, string tool, OrderedDictionary? matches) =>
        new(tool, rule.Action, matches, rule.Context, rule.To, rule.Message);

    // Where the tools work.
    private readonly record struct Place(string Folder, string? Home, OSPlatform Platform);
}
