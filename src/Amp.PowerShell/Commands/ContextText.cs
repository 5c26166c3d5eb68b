using System.Collections;
using System.Globalization;
using System.Management.Automation;
using System.Text;
using Amp.PowerShell.Conversion;
using Amp.PowerShell.Tools;
using Amp.Text;

namespace Amp.PowerShell.Commands;

/// <summary>
/// Collects piped objects and formats them as the text that follows the prompt: strings as they are, other objects as PowerShell shows
/// them, and data that a table cannot show completely as JSON.
/// </summary>
internal sealed class ContextText : IDisposable
{
    // Wide enough that no column of a usual table is dropped. Trailing spaces are removed.
    private const int Width = 300;
    private const string DeserializedData = "Deserialized.System.Management.Automation.PSCustomObject";

    private readonly StringBuilder _lines = new();
    private readonly SortedSet<string> _cuts = new(StringComparer.Ordinal);
    private SteppablePipeline? _formatter;
    private ObjectJson? _json;
    private string? _typeName;
    private int _shown;

    /// <summary>The number of levels of an object that are written as JSON.</summary>
    public int Depth { get; set; } = ContextLimits.DefaultDepth;

    /// <summary>The maximum number of characters. Further characters are only counted.</summary>
    public int MostCharacters { get; set; } = ContextLimits.DefaultLength;

    /// <summary>The number of objects added.</summary>
    public int Count { get; private set; }

    /// <summary>Adds an object. Call it on the pipeline thread, whose session formats the object.</summary>
    public void Add(PSObject item)
    {
        Count++;
        if (_lines.Length >= MostCharacters)
        {
            return;
        }

        _shown++;
        if (item.BaseObject is string text && _formatter is null)
        {
            _lines.Append(text).Append('\n');
            return;
        }

        if (item.BaseObject is not string)
        {
            _typeName ??= item.TypeNames.Count > 0 ? item.TypeNames[0] : item.BaseObject.GetType().FullName;
        }

        if (_json is not null || IsBeyondTable(item))
        {
            AddJson(item);
            return;
        }

        if (_formatter is null)
        {
            _formatter = ScriptBlock.Create($"Microsoft.PowerShell.Utility\\Out-String -Stream -Width {Width}").GetSteppablePipeline();
            _formatter.Begin(true);
        }

        // Strings among objects are processed in the same way, to keep the order.
        Append(_formatter.Process(item));
    }

    /// <summary>Returns the prompt, followed by the collected text between separators.</summary>
    /// <param name="prompt">The prompt.</param>
    /// <param name="warn">Called with a warning about what was cut. The model is told too.</param>
    public string Under(string prompt, Action<string> warn)
    {
        EndTable();
        if (_lines.Length > MostCharacters)
        {
            // A surrogate pair at the limit is not split.
            _lines.Length = MostCharacters - 1 + TruncatedText.LengthWithin(_lines.ToString(MostCharacters - 1, 2), 1);
            _cuts.Add(string.Create(
                CultureInfo.InvariantCulture,
                $"text after {MostCharacters} characters is omitted, starting in object {_shown} of {Count} (-{nameof(ContextLimits.MaxContextLength)})"));
        }

        _cuts.UnionWith(_json?.Cuts.Select(cut => $"{cut} (-{nameof(ContextLimits.ContextDepth)})") ?? []);
        string note = _cuts.Count == 0 ? string.Empty : $"; some data is not shown: {string.Join("; ", _cuts)}";
        if (_cuts.Count > 0)
        {
            warn($"The model does not get all of the piped data: {string.Join("; ", _cuts)}.");
        }

        string kind = _typeName is null ? "text" : $"{Count} objects, the first of type {_typeName}";
        return $"{prompt}\n\nThis was piped in ({kind}{note}):\n\n<input>\n{_lines.ToString().Trim('\n')}\n</input>\n";
    }

    public void Dispose()
    {
        _formatter?.Dispose();
        _formatter = null;
    }

    // A table shows the first four items of a list, nested objects as @{...}, and only as much of a string as fits in the column.
    private static bool IsBeyondTable(PSObject item)
    {
        if (item.BaseObject is IDictionary)
        {
            return true;
        }

        // A deserialized object uses the view of its type.
        if (item.BaseObject is not PSCustomObject
            || (item.TypeNames is [string type, ..] && type.StartsWith("Deserialized.", StringComparison.Ordinal) && type != DeserializedData))
        {
            return false;
        }

        int length = 0;
        foreach (PSPropertyInfo property in item.Properties)
        {
            switch (PlainValue.Unwrap(property.Value))
            {
                case string text:
                    length += text.Length + property.Name.Length;
                    if (text.Contains('\n', StringComparison.Ordinal))
                    {
                        return true;
                    }

                    break;
                case IEnumerable or PSCustomObject:
                    return true;
            }
        }

        return length > Width - 10;
    }

    private void AddJson(PSObject item)
    {
        EndTable();
        _json ??= new ObjectJson(Depth);
        byte[]? json = _json.Write(item, int.MaxValue / 2);
        _lines.Append(TerminalText.Strip(Encoding.UTF8.GetString(json!))).Append('\n');
    }

    private void EndTable()
    {
        if (_formatter is not null)
        {
            Append(_formatter.End());
            Dispose();
        }
    }

    private void Append(Array lines)
    {
        foreach (object line in lines)
        {
            string text = TerminalText.Strip(line is PSObject wrapped ? wrapped.BaseObject.ToString()! : line.ToString()!).TrimEnd();
            if (text.Contains('…', StringComparison.Ordinal))
            {
                _cuts.Add("some values are truncated, which a table shows as …; select properties with Select-Object, or pipe in the output of ConvertTo-Json");
            }

            _lines.Append(text).Append('\n');
        }
    }
}

/// <summary>The default limits for piped objects, and the names of the parameters that change them.</summary>
internal static class ContextLimits
{
    /// <summary>The usual depth of data from programs.</summary>
    public const int DefaultDepth = 8;

    /// <summary>About what the largest models can read.</summary>
    public const int DefaultLength = 4_000_000;

    /// <summary>The parameter for the depth.</summary>
    public const string ContextDepth = nameof(ContextDepth);

    /// <summary>The parameter for the length.</summary>
    public const string MaxContextLength = nameof(MaxContextLength);
}
