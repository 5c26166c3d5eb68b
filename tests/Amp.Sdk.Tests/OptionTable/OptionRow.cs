namespace Amp.Sdk.Tests.OptionTable;

/// <summary>A row of the table: what a run is given, and what each CLI must get of it, or why it is refused.</summary>
/// <remarks>
/// In what is expected <c>{home}</c> stands for the folder of the test, an argument with a blank stands in single quotes, and
/// <c>&lt;private NAME&gt;</c> stands for a file that is made for the run.
/// </remarks>
internal sealed class OptionRow
{
    // What every call has in common, and how each generation of CLIs is kept quiet.
    public const string Run = "--execute --stream-json";
    public const string QuietJanuary = "--no-ide --no-jetbrains --no-notifications";
    public const string QuietSpring = "--no-ide --no-jetbrains --no-notifications --no-color";
    public const string QuietSeptember = "--no-ide --no-notifications --no-color --no-remote-control-terminal";
    public const string Keep = "--no-archive-after-execute";

    private readonly Dictionary<string, string> _arguments = [];
    private readonly Dictionary<string, Refusal> _refusals = [];

    private OptionRow(string name, Func<AmpOptions, string, AmpOptions> set) => (Name, Set) = (name, set);

    public string Name { get; }

    /// <summary>Sets the options of the row; the text is the folder of the test.</summary>
    public Func<AmpOptions, string, AmpOptions> Set { get; }

    /// <summary>The text of files that are there before, by their paths in the folder of the test.</summary>
    public Dictionary<string, string> FilesBefore { get; } = [];

    /// <summary>The private files of the run by their names.</summary>
    public Dictionary<string, string> FilesMade { get; } = [];

    /// <summary>The variables of the CLI that this row changes, against those of a run without options.</summary>
    public Dictionary<string, string?> Variables { get; } = [];

    public static OptionRow Of(string name, Func<AmpOptions, AmpOptions> set) => new(name, (options, _) => set(options));

    public static OptionRow In(string name, Func<AmpOptions, string, AmpOptions> set) => new(name, set);

    public OptionRow Gives(string dates, string arguments)
    {
        foreach (string date in dates.Split(' '))
        {
            _arguments.Add(date, arguments);
        }

        return this;
    }

    /// <summary>The same arguments in three dialects: what stands between the start of the call and the words that keep it quiet.</summary>
    public OptionRow Gives(string january, string spring, string september) =>
        Gives(Build.BothOfJanuary, january).Gives(Build.FebruaryToMay, spring).Gives(Build.September, september);

    /// <summary>An error that begins with the CLI and its version, and then says this.</summary>
    public OptionRow Refuses(string dates, string optionName, string lack, string wayOut)
    {
        foreach (string date in dates.Split(' '))
        {
            _refusals.Add(date, new Refusal(optionName, lack, wayOut));
        }

        return this;
    }

    public OptionRow Before(string file, string text)
    {
        FilesBefore.Add(file, text);
        return this;
    }

    public OptionRow Makes(string file, string json)
    {
        FilesMade.Add(file, json);
        return this;
    }

    public OptionRow Variable(string name, string? value)
    {
        Variables.Add(name, value);
        return this;
    }

    public string? Arguments(Build build) => _arguments.GetValueOrDefault(build.Date) is not string arguments ? null
        : build.Date == Build.September ? RulesInForce.Arguments(arguments)
        : arguments;

    /// <summary>The private files of the run on a build, by their names.</summary>
    public IReadOnlyDictionary<string, string> FilesMadeOn(Build build) =>
        build.Date == Build.September ? RulesInForce.Files(this, _arguments[build.Date]) : FilesMade;

    public Refusal? RefusalOf(Build build) => _refusals.GetValueOrDefault(build.Date);

    public override string ToString() => Name;
}

/// <summary>An error that a row expects.</summary>
internal sealed record Refusal(string OptionName, string Lack, string WayOut);
