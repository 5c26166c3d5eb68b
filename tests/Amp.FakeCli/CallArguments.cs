namespace Amp.FakeCli;

/// <summary>The command line, read the way the real CLI binds it as far as the fake needs it.</summary>
internal sealed class CallArguments
{
    // Options whose value is the next argument; without the list a value would be taken for a command.
    private static readonly string[] s_valueOptions =
    [
        "--settings-file", "--mcp-config", "--mode", "-m", "--label", "-l", "--title", "--visibility", "--log-level",
        "--log-file", "--features", "--executor", "--runner-dir", "--runner-id", "--attach", "--orb-size", "--effort",
    ];

    private static readonly string[] s_commands =
    [
        "login", "logout", "threads", "thread", "t", "tools", "tool", "review", "skill", "skills", "permissions",
        "permission", "mcp", "usage", "update", "up", "orb", "portal", "plugins", "plugin", "config",
    ];

    private readonly List<string> _options = [];
    private readonly List<string> _positionals = [];

    private CallArguments(string[] all) => All = all;

    public string[] All { get; }

    public CallKind Kind { get; private set; }

    /// <summary>The thread named by <c>threads continue ID</c>.</summary>
    public string? ThreadId { get; private set; }

    /// <summary>The prompt given with <c>--execute</c> instead of on stdin.</summary>
    public string? Message { get; private set; }

    public string? SettingsFile { get; private set; }

    public string? McpConfiguration { get; private set; }

    public static CallArguments Parse(string[] arguments)
    {
        CallArguments call = new(arguments);
        call.ReadAll();
        call.Kind = call.FindKind();
        return call;
    }

    /// <summary>The words that are no options, which begin with the command.</summary>
    public IReadOnlyList<string> Commands => _positionals;

    public bool Has(string option) => _options.Contains(option);

    private void ReadAll()
    {
        for (int index = 0; index < All.Length; index++)
        {
            string argument = All[index];
            if (argument == "--")
            {
                _positionals.AddRange(All.AsSpan(index + 1));
                return;
            }

            if (argument.Length < 2 || argument[0] != '-')
            {
                _positionals.Add(argument);
                continue;
            }

            int equals = argument.StartsWith("--", StringComparison.Ordinal) ? argument.IndexOf('=') : -1;
            string name = equals < 0 ? argument : argument[..equals];
            string? value = equals < 0 ? null : argument[(equals + 1)..];
            string? next = index + 1 < All.Length ? All[index + 1] : null;
            bool takesNext = Array.IndexOf(s_valueOptions, name) >= 0
                || (name is "-x" or "--execute" && next is not null && !next.StartsWith('-'));
            if (value is null && takesNext && next is not null)
            {
                value = next;
                index++;
            }

            Keep(name, value);
        }
    }

    private void Keep(string name, string? value)
    {
        _options.Add(name);
        switch (name)
        {
            case "-x" or "--execute":
                Message = value;
                break;
            case "--settings-file":
                SettingsFile = value;
                break;
            case "--mcp-config":
                McpConfiguration = value;
                break;
        }
    }

    private CallKind FindKind()
    {
        string command = _positionals.Count > 0 ? _positionals[0] : "";
        if (Has("--version") || Has("-V") || Has("-v") || command == "version")
        {
            return CallKind.Version;
        }

        if (Has("--help") || Has("-h") || command == "help")
        {
            return CallKind.Help;
        }

        if (command is "threads" or "thread" or "t" && _positionals.Count > 1 && _positionals[1] is "continue" or "c")
        {
            ThreadId = _positionals.Count > 2 ? LastPart(_positionals[2]) : null;
            return CallKind.Run;
        }

        return Array.IndexOf(s_commands, command) >= 0 ? CallKind.Command : CallKind.Run;
    }

    // A thread is named by its ID or by its address, which ends in the ID.
    private static string LastPart(string thread) => thread[(thread.LastIndexOf('/') + 1)..];
}
