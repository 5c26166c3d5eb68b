using System.Management.Automation;
using System.Text;

namespace Amp.PowerShell.Pipeline;

/// <summary>
/// Collects piped objects and makes the text of them that stands behind the prompt: strings as they are, other objects as
/// PowerShell itself would show them.
/// </summary>
internal sealed class ContextText : IDisposable
{
    // Wide enough that no column of a usual table is dropped; trailing blanks are cut off again.
    private const int Width = 300;

    private readonly StringBuilder _lines = new();
    private SteppablePipeline? _formatter;
    private string? _typeName;

    /// <summary>How many objects have come.</summary>
    public int Count { get; private set; }

    /// <summary>Takes one more object; to be called on the pipeline thread, whose session formats it.</summary>
    public void Add(PSObject item)
    {
        Count++;
        if (_formatter is null)
        {
            if (item.BaseObject is string text)
            {
                _lines.Append(text).Append('\n');
                return;
            }

            _typeName = item.TypeNames.Count > 0 ? item.TypeNames[0] : item.BaseObject.GetType().FullName;
            _formatter = ScriptBlock.Create($"Microsoft.PowerShell.Utility\\Out-String -Stream -Width {Width}").GetSteppablePipeline();
            _formatter.Begin(true);
        }

        // Strings among objects take the same way, so that all stay in their order.
        Append(_formatter.Process(item));
    }

    /// <summary>The prompt and, fenced off from it, what was collected.</summary>
    public string Under(string prompt)
    {
        if (_formatter is not null)
        {
            Append(_formatter.End());
            Dispose();
        }

        string kind = _typeName is null ? "text" : $"{Count} objects, the first of type {_typeName}";
        return $"{prompt}\n\nThis was piped in ({kind}):\n\n<input>\n{_lines.ToString().Trim('\n')}\n</input>\n";
    }

    public void Dispose()
    {
        _formatter?.Dispose();
        _formatter = null;
    }

    private void Append(Array lines)
    {
        foreach (object line in lines)
        {
            string text = line is PSObject wrapped ? wrapped.BaseObject.ToString()! : line.ToString()!;
            _lines.Append(TerminalText.Strip(text).TrimEnd()).Append('\n');
        }
    }
}
