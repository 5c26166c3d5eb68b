using System.Text;
using System.Text.RegularExpressions;
using Amp.Processes;

namespace Amp.Ssh;

/// <summary>Creates the scripts of a run for the host: what finds and watches the CLI, and what starts it.</summary>
internal static partial class StartScript
{
    private const string Resource = "Amp.Ssh.HostScript.sh";

    // What the CLI reads to find its settings.
    private const string SettingsFile = "AMP_SETTINGS_FILE";
    private const string ConfigurationFolder = "XDG_CONFIG_HOME";
    private const string Home = "HOME";
    private const string CliPath = "AMP_CLI_PATH";
    private const string SearchPath = "PATH";

    /// <summary>The exit code of the script if something else has read a part of it.</summary>
    public const int NotWhole = 125;

    private static readonly string s_script = Read(Resource);

    /// <summary>Refuses variables that a shell cannot set. By a program they could be set, but then their values would be public.</summary>
    /// <exception cref="AmpValidationException">A name cannot be used.</exception>
    public static void CheckNames(IEnumerable<string> names, string hostName)
    {
        if (names.FirstOrDefault(name => !NamePattern().IsMatch(name)) is string wrong)
        {
            throw new AmpValidationException(
                $"The environment variable '{TerminalText.Strip(wrong)}' cannot be set on '{TerminalText.Strip(hostName)}': a shell accepts only letters, digits and '_' in its name.",
                AmpOptionName.Environment,
                "Use another name.",
                errorId: AmpErrorId.UnsupportedByHost);
        }
    }

    /// <summary>Gets what runs on the host for the whole connection.</summary>
    /// <param name="marker">Begins the lines of the script, which tells them from those of a profile.</param>
    /// <param name="runId">The mark of the run's processes.</param>
    /// <param name="lookup">What the search depends on.</param>
    /// <param name="known">The lines of the CLIs that need not be asked.</param>
    /// <param name="every">How often there is a sign of life.</param>
    public static byte[] OfHost(string marker, string runId, Transports.CliLookup lookup, IEnumerable<string> known, TimeSpan every)
    {
        // A shell executes what is in braces when it has all of it.
        StringBuilder text = new("{\n");
        Set("m", marker);
        Set("id", runId);
        Set("name", $"amp-ssh-{Guid.NewGuid():N}");
        Set("w", lookup.WorkingDirectory ?? string.Empty);
        Set("c", lookup.CliPath ?? string.Empty);
        Set("known", $"\n{string.Concat(known.Select(line => line + "\n"))}");
        Set("every", ((int)Math.Ceiling(every.TotalSeconds)).ToString(System.Globalization.CultureInfo.InvariantCulture));
        Set("grace", "2");
        Set("runs", lookup.NeedsPrograms ? "1" : string.Empty);
        Set("us", lookup.Environment.GetValueOrDefault(SettingsFile, string.Empty));
        Set("xdg", lookup.Environment.GetValueOrDefault(ConfigurationFolder, string.Empty));
        Set("hm", lookup.Environment.GetValueOrDefault(Home, string.Empty));
        Set("pp", lookup.Environment.GetValueOrDefault(SearchPath, string.Empty));
        foreach (string name in (string[])[SettingsFile, ConfigurationFolder, CliPath])
        {
            if (lookup.Removed.Contains(name))
            {
                text.Append("unset ").Append(name).Append('\n');
            }
        }

        if (lookup.Environment.TryGetValue(CliPath, out string? cli))
        {
            Set(CliPath, cli);
        }

        return Encoding.UTF8.GetBytes(text.Append(s_script).Append("}\n").ToString());

        void Set(string name, string value) => text.Append(name).Append('=').Append(SshArguments.Quote(value)).Append('\n');
    }

    /// <summary>Gets what becomes the CLI. It contains the secrets of the run, and deletes itself first.</summary>
    /// <param name="command">The CLI.</param>
    /// <param name="path">The <c>PATH</c> on which it was found.</param>
    /// <param name="folder">The private folder.</param>
    public static byte[] OfCli(ProcessCommand command, string path, string folder)
    {
        StringBuilder text = new();
        text.Append("rm -f -- ").Append(SshArguments.Quote($"{folder}/start")).Append('\n');
        text.Append("cd -- ").Append(SshArguments.Quote(command.WorkingDirectory)).Append(" || exit 126\n");
        foreach (string name in command.Removed)
        {
            text.Append("unset ").Append(name).Append('\n');
        }

        if (!command.Environment.ContainsKey(SearchPath))
        {
            Export(SearchPath, path);
        }

        foreach ((string name, string value) in command.Environment)
        {
            if (name != RunMark.VariableName)
            {
                Export(name, value);
            }
        }

        text.Append("exec ").AppendJoin(' ', command.Arguments.Prepend(command.FileName).Select(SshArguments.Quote)).Append('\n');
        return Encoding.UTF8.GetBytes(text.ToString());

        void Export(string name, string value) => text.Append(name).Append('=').Append(SshArguments.Quote(value)).Append("; export ").Append(name).Append('\n');
    }

    /// <summary>Reads a script of this assembly, without its comments, and with the line ends of a shell whatever a checkout has made of them.</summary>
    public static string Read(string resource)
    {
        using StreamReader reader = new(typeof(StartScript).Assembly.GetManifestResourceStream(resource)!);
        return string.Join('\n', reader.ReadToEnd().Split('\n').Select(line => line.TrimEnd('\r')).Where(line => line.Length > 0 && !line.TrimStart().StartsWith('#'))) + "\n";
    }

    [GeneratedRegex(@"^[A-Za-z_][A-Za-z0-9_]*\z", RegexOptions.CultureInvariant)]
    private static partial Regex NamePattern();
}
