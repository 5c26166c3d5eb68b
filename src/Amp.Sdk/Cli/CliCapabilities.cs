using System.Text.RegularExpressions;

namespace Amp;

/// <summary>What a CLI can do, as its own <c>--help</c> says. The same file always gives the same answer.</summary>
public sealed partial class CliCapabilities
{
    private readonly HashSet<string> _options = new(StringComparer.Ordinal);
    private readonly HashSet<string> _settings = new(StringComparer.Ordinal);
    private readonly List<string> _commands = [];

    private CliCapabilities()
    {
    }

    /// <summary>The long options, <c>--mode</c> for instance, in alphabetical order.</summary>
    public IReadOnlyList<string> Options => [.. _options.Order(StringComparer.Ordinal)];

    /// <summary>The commands with those that they belong to, <c>threads continue</c> for instance, as the help lists them.</summary>
    public IReadOnlyList<string> Commands => _commands;

    /// <summary>The agent modes that the help names. Plugins may bring more.</summary>
    public IReadOnlyList<string> Modes { get; private set; } = [];

    /// <summary>The thread visibilities that the help names.</summary>
    public IReadOnlyList<string> Visibilities { get; private set; } = [];

    /// <summary>The thread features that the help names, with what it says of them; none where the CLI knows no features.</summary>
    public IReadOnlyList<CliFeature> Features { get; private set; } = [];

    /// <summary>Where the help says that a new thread may run; <c>runner:&lt;id&gt;</c> stands for one with an ID.</summary>
    public IReadOnlyList<string> Executors { get; private set; } = [];

    /// <summary>The log levels that the help names. The builds of September 2026 name something else in their place; then there are none.</summary>
    public IReadOnlyList<string> LogLevels { get; private set; } = [];

    /// <summary>The command that the help is of, <c>amp threads list</c> for instance, as its first line says. The help of a command that
    /// the CLI does not know is that of the command above it.</summary>
    internal string Subject { get; private set; } = string.Empty;

    /// <summary>Whether there may be modes that the help does not name.</summary>
    internal bool HasPluginModes { get; private set; }

    /// <summary>Whether the help's reference lists a setting.</summary>
    internal bool HasSetting(string key) => _settings.Contains(key);

    /// <summary>Whether the help lists a long option, given with its two dashes.</summary>
    public bool HasOption(string option) => _options.Contains(option);

    /// <summary>Whether the help lists a command, given in full: <c>threads delete</c>.</summary>
    public bool HasCommand(string command) => _commands.Contains(command, StringComparer.Ordinal);

    /// <summary>Reads a help text. An option stands at two spaces, what it is for at six; commands nest by two spaces.</summary>
    internal static CliCapabilities Parse(string help)
    {
        CliCapabilities result = new();
        List<string> path = [];
        string section = string.Empty;
        string? option = null;
        string description = string.Empty;

        // A variable of the caller's may have made the CLI colour it (FORCE_COLOR on the builds of January 2026).
        foreach (string line in TerminalText.Strip(help).Split('\n').Select(line => line.TrimEnd()))
        {
            if (result.Subject.Length == 0 && UsagePattern().Match(line) is { Success: true } usage)
            {
                result.Subject = usage.Groups["command"].Value;
            }

            if (line.Length > 0 && line[0] != ' ')
            {
                result.Describe(option, description);
                (option, description, section) = (null, string.Empty, line);
            }
            else if (section == "Commands:" && CommandPattern().Match(line) is { Success: true } command)
            {
                int depth = (command.Groups["indent"].Length / 2) - 1;
                path.RemoveRange(Math.Min(depth, path.Count), path.Count - Math.Min(depth, path.Count));
                path.Add(command.Groups["name"].Value);
                result._commands.Add(string.Join(' ', path));
            }
            else if (section == "Settings reference:" && line.StartsWith("  amp.", StringComparison.Ordinal))
            {
                result._settings.Add(line.Trim());
            }
            else if (line.StartsWith("  -", StringComparison.Ordinal))
            {
                result.Describe(option, description);
                Match name = OptionPattern().Match(line);
                option = name.Success ? name.Groups["name"].Value : null;
                description = string.Empty;
            }
            else
            {
                description += " " + line.Trim();
            }
        }

        result.Describe(option, description);
        return result;
    }

    private void Describe(string? option, string description)
    {
        if (option is null)
        {
            return;
        }

        _options.Add(option);
        switch (option)
        {
            case "--mode":
                Modes = Choices(description);
                HasPluginModes = description.Contains("plugin mode", StringComparison.Ordinal);
                break;
            case "--visibility":
                Visibilities = Choices(description);
                break;
            case "--features":
                Features = CliFeature.ListIn(description);
                break;
            case "--executor":
                Executors = Choices(description);
                break;
            case "--log-level":
                // 0.0.1790142911 lists the members of its logger: parent, children, category, ...
                LogLevels = Choices(description) is string[] levels && levels.Contains("error", StringComparer.Ordinal) ? levels : [];
                break;
        }
    }

    // "Set the agent mode (low, medium, high, ultra, or a plugin mode by key or label, case-insensitive) — ..."
    private static string[] Choices(string description)
    {
        Match list = ChoicePattern().Match(description);
        return list.Success
            ? [.. list.Groups["list"].Value.Split(',', StringSplitOptions.TrimEntries).TakeWhile(choice => !choice.Contains(' ', StringComparison.Ordinal))]
            : [];
    }

    [GeneratedRegex(@"^(?<indent>(?:  ){1,3})(?<name>[a-z][a-z0-9-]*)(?:  |$)", RegexOptions.CultureInvariant)]
    private static partial Regex CommandPattern();

    [GeneratedRegex(@"^  (?:-[A-Za-z]+, )?(?<name>--[a-z][a-z0-9-]*)", RegexOptions.CultureInvariant)]
    private static partial Regex OptionPattern();

    [GeneratedRegex(@"^Usage: (?<command>[a-z][a-z -]*?)(?= [\[<]|$)", RegexOptions.CultureInvariant)]
    private static partial Regex UsagePattern();

    [GeneratedRegex(@"\((?<list>[^()]+)\)", RegexOptions.CultureInvariant)]
    private static partial Regex ChoicePattern();
}
