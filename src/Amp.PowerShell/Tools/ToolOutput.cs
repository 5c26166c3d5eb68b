using System.Collections.ObjectModel;
using System.Management.Automation;
using System.Text.Encodings.Web;
using System.Text.Json;
using Amp.Text;

namespace Amp.PowerShell.Tools;

/// <summary>The output of a call, and its JSON text for the agent, with limited length and a note about what was omitted.</summary>
internal sealed class ToolOutput
{
    // The CLI replaces a result of more than 100 KiB, counted after quotation marks and backslashes are doubled (0.0.1774310664); this
    // limit is still more than 12,000 tokens.
    private const int LongestText = 48 * 1024;
    private const int LongestMessage = 4 * 1024;
    private const int MostMessages = 20;

    // More than this could not be returned anyway. The rest is only counted.
    private const int MostKept = 5000;

    private static readonly JsonWriterOptions s_options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly List<PSObject?> _kept = [];
    private int _count;

    public ToolOutput() => Sink = new Collector(this);

    /// <summary>The collection that the pipeline writes to.</summary>
    public IList<PSObject> Sink { get; }

    public List<string> Warnings { get; } = [];

    public List<string> Errors { get; } = [];

    public List<string> Notes { get; } = [];

    /// <summary>Converts formatting instructions to text. Call it on the thread of the session, when nothing runs in it.</summary>
    public void Settle()
    {
        if (!_kept.Exists(FormattedOutput.Is))
        {
            return;
        }

        List<PSObject?> settled = FormattedOutput.WithTexts(_kept);
        _count -= _kept.Count - settled.Count;
        _kept.Clear();
        _kept.AddRange(settled);
    }

    /// <summary>Gets the text for the agent.</summary>
    public string ToText()
    {
        if (Errors.Count == 1 && _count == 0 && Warnings.Count == 0 && Notes.Count == 0)
        {
            return Short(Errors[0]);
        }

        byte[] output = Fit(out string? cut);
        if (cut is not null)
        {
            Notes.Add(cut);
        }

        using MemoryStream text = new();
        using (Utf8JsonWriter writer = new(text, s_options))
        {
            if (Errors.Count + Warnings.Count + Notes.Count == 0)
            {
                writer.WriteRawValue(output);
            }
            else
            {
                writer.WriteStartObject();
                Write(writer, "errors", Errors);
                Write(writer, "warnings", Warnings);
                Write(writer, "notes", Notes);
                writer.WritePropertyName("output");
                writer.WriteRawValue(output);
                writer.WriteEndObject();
            }
        }

        return System.Text.Encoding.UTF8.GetString(text.ToArray());
    }

    // First with all properties; if that is too long, with the displayed ones; and finally only the first objects.
    private byte[] Fit(out string? cut)
    {
        foreach (ObjectDetail detail in (ObjectDetail[])[ObjectDetail.Full, ObjectDetail.Brief])
        {
            ObjectJson json = new(detail);
            List<byte[]> items = Items(json, out bool isWhole);
            if (isWhole && items.Count == _count)
            {
                cut = json.Cuts.Count == 0 ? null : $"Some data is not shown: {string.Join("; ", json.Cuts)}.";
                return Join(items);
            }

            if (detail == ObjectDetail.Brief)
            {
                cut = $"There is too much data to show. These are the first {items.Count} of {_count} objects{(json.Cuts.Count > 0 ? $"; {string.Join("; ", json.Cuts)}" : string.Empty)}. "
                    + "Ask for fewer objects, or for a count.";
                return Join(items);
            }
        }

        throw new InvalidOperationException();
    }

    private List<byte[]> Items(ObjectJson json, out bool isWhole)
    {
        List<byte[]> items = [];
        int length = 0;
        foreach (PSObject? item in _kept)
        {
            byte[]? written = json.Write(item, LongestText);
            if (written is null || length + written.Length > LongestText)
            {
                isWhole = false;
                if (items.Count == 0 && written is null)
                {
                    items.Add(json.WriteText(item, LongestText / 4));
                }

                return items;
            }

            items.Add(written);
            length += written.Length + 1;
        }

        isWhole = true;
        return items;
    }

    private byte[] Join(List<byte[]> items)
    {
        if (_count == 1 && items.Count == 1)
        {
            return items[0];
        }

        using MemoryStream text = new();
        text.WriteByte((byte)'[');
        for (int i = 0; i < items.Count; i++)
        {
            if (i > 0)
            {
                text.WriteByte((byte)',');
            }

            text.Write(items[i]);
        }

        text.WriteByte((byte)']');
        return text.ToArray();
    }

    private static void Write(Utf8JsonWriter writer, string name, List<string> messages)
    {
        if (messages.Count == 0)
        {
            return;
        }

        writer.WriteStartArray(name);
        foreach (string message in messages.Take(MostMessages))
        {
            writer.WriteStringValue(Short(message));
        }

        if (messages.Count > MostMessages)
        {
            writer.WriteStringValue($"and {messages.Count - MostMessages} more");
        }

        writer.WriteEndArray();
    }

    private static string Short(string message) => TruncatedText.Shown(message, LongestMessage);

    private void Add(PSObject? item)
    {
        if (item?.BaseObject is WarningRecord warning)
        {
            Warnings.Add(warning.Message);
            return;
        }

        _count++;
        if (_kept.Count < MostKept)
        {
            _kept.Add(item);
        }
    }

    // A list that keeps no more than can be returned, because a command may write objects forever.
    private sealed class Collector : Collection<PSObject>
    {
        private readonly ToolOutput _output;

        public Collector(ToolOutput output) => _output = output;

        protected override void InsertItem(int index, PSObject item) => _output.Add(item);
    }
}
