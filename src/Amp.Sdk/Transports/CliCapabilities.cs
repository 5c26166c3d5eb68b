using System.Text.RegularExpressions;

namespace Amp;

/// <summary>The features of a CLI, according to its <c>--help</c>. They are always the same for the same file.</summary>
public sealed partial class CliCapabilities
{
    private readonly HashSet<string> _options = new(StringComparer.Ordinal);
    private readonly HashSet<string> _settings = new(StringComparer.Ordinal);
    private readonly List<string> _commands = [];

    private CliCapabilities()
    {
    }

    /// <summary>The long options, such as <c>--mode</c>, in alphabetical order.</summary>
    public IReadOnlyList<string> Options => [.. _options.Order(StringComparer.Ordinal)];

    /// <summary>The commands with their parent commands, such as <c>threads continue</c>, in the order of the help.</summary>
    public IReadOnlyList<string> Commands => _commands;

    /// <summary>The agent modes in the help. Plugins can add modes.</summary>
    public IReadOnlyList<string> Modes { get; private set; } = [];

    /// <summary>The thread visibilities in the help.</summary>
    public IReadOnlyList<string> Visibilities { get; private set; } = [];

    /// <summary>The thread features in the help, with their descriptions; none if the CLI does not support features.</summary>
    public IReadOnlyList<CliFeature> Features { get; private set; } = [];

    /// <summary>The places where a new thread can run, from the help; <c>runner:&lt;id&gt;</c> represents one with an ID.</summary>
    public IReadOnlyList<string> Executors { get; private set; } = [];

    /// <summary>The log levels in the help; none for the builds of September 2026, whose help contains something else instead.</summary>
    public IReadOnlyList<string> LogLevels { get; private set; } = [];

    /// <summary>
    /// The command that the help describes, such as <c>amp threads list</c>, from its first line. For an unknown command, the CLI prints
    /// the help of its parent command.
    /// </summary>
    internal string Subject { get; private set; } = string.Empty;

    /// <summary>Whether there can be modes that the help does not name.</summary>
    internal bool HasPluginModes { get; private set; }

    /// <summary>Returns whether the help lists a setting.</summary>
    internal bool HasSetting(string key) => _settings.Contains(key);

    /// <summary>Returns whether the help lists a long option, including its two dashes.</summary>
    public bool HasOption(string option) => _options.Contains(option);

    /// <summary>Returns whether the help lists a command, by its full name: <c>threads delete</c>.</summary>
    public bool HasCommand(string command) => _commands.Contains(command, StringComparer.Ordinal);

    /// <summary>
    /// Parses a help text. An option is indented by two spaces, its description by six; nested commands by two more spaces.
    /// </summary>
    internal static CliCapabilities Parse(string help)
    {
        CliCapabilities result = new();
        List<string> path = [];
        string section = string.Empty;
        string? option = null;
        string description = string.Empty;

        // A variable of the caller may have made the CLI use colors (FORCE_COLOR on the builds of January 2026).
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
