using System.Collections;
using System.Management.Automation;
using Amp.Options;

namespace Amp.PowerShell.Commands;

/// <summary>
/// A piped object with a prompt: a row of a table of tasks, whose other cells go before the parameters of the call. Columns that mean nothing here are
/// left alone, so that a table can have more of them.
/// </summary>
internal sealed class TaskRow
{
    private static readonly char[] s_betweenLabels = [',', ';', ' ', '\t'];

    // In the order in which they count.
    private static readonly string[] s_hostNames = ["HostName", "ComputerName", FromComputer];

    // The parameter and its alias, in the order in which they count.
    private static readonly string[] s_folderNames = [nameof(AmpOptions.WorkingDirectory), "Cwd"];

    private const string FromComputer = "PSComputerName";

    private readonly PSObject _row;

    private TaskRow(PSObject row)
    {
        _row = row;
        Prompt = Text(nameof(Prompt)) ?? string.Empty;
    }

    /// <summary>What the agent is to do; empty where the cell is.</summary>
    public string Prompt { get; }

    /// <summary>The host of its run; null if it names none.</summary>
    public string? HostName => s_hostNames.Where(IsHost).Select(Filled).FirstOrDefault(name => name is not null)?.Trim();

    /// <summary>The object as a row; null where it has no prompt, and for objects of this module, of which those of runs do have one.</summary>
    public static TaskRow? Of(PSObject? given) =>
        given is null or { BaseObject: StreamMessage or ContentBlock } || Cell(given, nameof(Prompt)) is null
            || given.TypeNames.Any(name => name.StartsWith("Deserialized.Amp.", StringComparison.Ordinal))
            ? null
            : new TaskRow(given);

    /// <summary>The options of its run.</summary>
    /// <param name="options">What the parameters of the call come to.</param>
    /// <param name="resolve">Makes a full path of a cell.</param>
    /// <exception cref="AmpValidationException">A cell cannot be used.</exception>
    public AmpOptions Over(AmpOptions options, Func<string, string, string> resolve)
    {
        if (string.IsNullOrWhiteSpace(Prompt))
        {
            throw new AmpValidationException("The prompt is empty; no run was started.", nameof(Prompt), "Describe the task for the agent in the Prompt column.");
        }

        // An empty folder is refused and not taken for the current one: the agent would work in a folder that nobody named.
        string? folder = Array.Exists(s_folderNames, name => Cell(_row, name) is not null)
            ? resolve(s_folderNames.Select(Filled).FirstOrDefault(text => text is not null) ?? string.Empty, nameof(AmpOptions.WorkingDirectory))
            : null;

        // As an ID, so that two rows with the ID and the URL of a thread are found to continue the same one. What is neither is refused later.
        string? thread = Filled("ThreadId") is string text ? ThreadReference.TryParse(text) ?? text : null;
        return options with
        {
            WorkingDirectory = folder ?? options.WorkingDirectory,
            Mode = Filled("Mode") ?? options.Mode,
            ThreadId = thread ?? options.ThreadId,
            ContinueLatestThread = thread is null && options.ContinueLatestThread,
            Labels = Labels() ?? options.Labels,
            Checkpoint = Flag(nameof(AmpOptions.Checkpoint)) ?? options.Checkpoint,
        };
    }

    /// <summary>Refuses an empty host. It is not taken for this machine: the agent would work on a machine that nobody named.</summary>
    /// <exception cref="AmpValidationException">There is such a column, and it is empty.</exception>
    public void CheckHost()
    {
        if (HostName is null && Array.Find(s_hostNames, IsHost) is string name)
        {
            throw new AmpValidationException("The host is empty; no run was started.", name, $"Give a host in the {name} column or with -HostName, or omit the column to use this machine.");
        }
    }

    // Remoting and jobs add both to what they return: they say where the object is from, and not where its run is to be.
    private bool IsHost(string name) => Cell(_row, name) is not null && (name != FromComputer || Cell(_row, "RunspaceId") is null);

    // "False" in a table is a text, which PowerShell takes for true.
    private bool? Flag(string name) => Cell(_row, name)?.Value is object value && PSObject.AsPSObject(value).BaseObject is bool or SwitchParameter
        ? LanguagePrimitives.IsTrue(value)
        : Filled(name)?.Trim().ToUpperInvariant() switch
        {
            null => null,
            "TRUE" or "YES" or "1" => true,
            "FALSE" or "NO" or "0" => false,
            string text => throw new AmpValidationException($"'{text}' is not a valid value for {name}.", name, "Give true or false, or leave the cell empty.", text),
        };

    private string[]? Labels() => Cell(_row, "Label")?.Value switch
    {
        null => null,
        string text when string.IsNullOrWhiteSpace(text) => null,
        string text => text.Split(s_betweenLabels, StringSplitOptions.RemoveEmptyEntries),
        object value => LanguagePrimitives.TryConvertTo(value, out string[]? labels) ? labels : null,
    };

    private string? Filled(string name) => Text(name) is string text && !string.IsNullOrWhiteSpace(text) ? text : null;

    private string? Text(string name) =>
        Cell(_row, name)?.Value is object value && LanguagePrimitives.TryConvertTo(value, out string? text) ? text : null;

    // Keys of a hashtable are no properties, and mean the same here.
    private static PSPropertyInfo? Cell(PSObject row, string name) => row.BaseObject is not IDictionary table ? row.Properties[name]
        : table.Keys.OfType<string>().FirstOrDefault(key => key.Equals(name, StringComparison.OrdinalIgnoreCase)) is string key ? new PSNoteProperty(name, table[key])
        : null;
}
