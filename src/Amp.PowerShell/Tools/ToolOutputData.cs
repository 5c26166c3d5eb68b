using System.Collections.ObjectModel;
using System.Management.Automation;

namespace Amp.PowerShell.Tools;

/// <summary>The output of a command for a script of the agent, converted to data as it arrives, with limited size.</summary>
internal sealed class ToolOutputData
{
    private const int LongestText = 24 * 1024 * 1024;

    private readonly List<object?> _data = [];
    private readonly List<PSObject?> _formatted = [];
    private readonly DataSnapshot _snapshot;

    /// <param name="words">The words in the script.</param>
    public ToolOutputData(HashSet<string> words)
    {
        _snapshot = new DataSnapshot(words);
        Sink = new Collector(this);
    }

    /// <summary>The collection that the pipeline writes to.</summary>
    public IList<PSObject> Sink { get; }

    public List<string> Warnings { get; } = [];

    /// <summary>Gets the data in PowerShell's serialization format for other processes.</summary>
    public string ToText()
    {
        AddFormatted();
        string text = _data.Count == 0 ? string.Empty : PSSerializer.Serialize(_data.ToArray(), DataSnapshot.Deepest + 2);
        return text.Length <= LongestText ? text : throw new ArgumentException($"It returns more than {LongestText} characters. Ask for less.");
    }

    private void AddFormatted()
    {
        foreach (PSObject? text in FormattedOutput.WithTexts(_formatted))
        {
            _data.Add(_snapshot.Of(text));
        }

        _formatted.Clear();
    }

    private sealed class Collector : Collection<PSObject>
    {
        private readonly ToolOutputData _output;

        public Collector(ToolOutputData output) => _output = output;

        protected override void InsertItem(int index, PSObject item)
        {
            if (item?.BaseObject is WarningRecord warning)
            {
                _output.Warnings.Add(warning.Message);
            }
            else if (FormattedOutput.Is(item))
            {
                _output._formatted.Add(item);
            }
            else
            {
                _output._data.Add(_output._snapshot.Of(item));
            }
        }
    }
}
