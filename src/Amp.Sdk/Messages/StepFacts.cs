using System.Runtime.CompilerServices;
using System.Text.Json;
using Amp.Json;
using Amp.Permissions;
using Amp.Text;
using Amp.Tools;

namespace Amp.Messages;

/// <summary>The facts that are read while a line is checked. The object is reused for the next line.</summary>
internal sealed class StepFacts
{
    // Longer than the message ID of any provider.
    private const int LongestId = 128;

    private readonly RecurringText _toolNames = new();
    private byte[] _id = new byte[LongestId];
    private byte[] _nextId = new byte[LongestId];
    private int _idLength;
    private int _nextIdLength = -1;
    private readonly ToolboxNames _toolbox;
    private bool? _saysMore;
    private ReadableList<string>? _singleName;

    /// <param name="toolbox">The tools that the library offers instead of the CLI.</param>
    public StepFacts(ToolboxNames toolbox) => _toolbox = toolbox;

    public StepUsage Usage { get; private set; }

    /// <summary>
    /// Whether the message has the same ID as the previous one: it is a further part of the same answer, whose usage was already reported.
    /// </summary>
    public bool ContinuesStep { get; private set; }

    public List<ToolUse> ToolUses { get; } = [];

    public List<ToolResult> ToolResults { get; } = [];

    /// <summary>Whether the model has finished: it reports this or, if the CLI omits the stop reason, it calls no tool.</summary>
    public bool IsLastStep => _saysMore is bool more ? !more : ToolUses.Count == 0;

    /// <summary>The names of the called tools, in order; an empty string for a tool without a name; null if no tool is called.</summary>
    public ReadableList<string>? ToolNames()
    {
        if (ToolUses.Count == 0)
        {
            return null;
        }

        // Most messages call one tool, and the same few again and again.
        string first = ToolUses[0].Name ?? string.Empty;
        if (ToolUses.Count == 1 && _singleName is not null && ReferenceEquals(_singleName[0], first))
        {
            return _singleName;
        }

        string[] names = new string[ToolUses.Count];
        for (int i = 0; i < names.Length; i++)
        {
            names[i] = ToolUses[i].Name ?? string.Empty;
        }

        ReadableList<string> list = ReadableList<string>.Over(names);
        _singleName = names.Length == 1 ? list : _singleName;
        return list;
    }

    public void Clear()
    {
        Usage = default;
        ContinuesStep = false;
        _saysMore = null;
        _nextIdLength = -1;
        ToolUses.Clear();
        ToolResults.Clear();
    }

    /// <summary>Ends a line that is valid as a whole: the next one may continue its message.</summary>
    public void Complete()
    {
        if (_nextIdLength >= 0)
        {
            (_id, _nextId) = (_nextId, _id);
            _idLength = _nextIdLength;
            _nextIdLength = -1;
        }
    }

    /// <summary>
    /// Reads the object of a message. The reader is at the start of the object before, and at its end after. A value of another type is
    /// left to the caller.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Read(ref JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            return;
        }

        while (JsonText.NextField(ref reader))
        {
            bool isUsage = JsonText.Is(ref reader, "usage"u8);
            bool isContent = !isUsage && JsonText.Is(ref reader, "content"u8);
            bool isReason = !isUsage && !isContent && JsonText.Is(ref reader, "stop_reason"u8);
            bool isId = !isUsage && !isContent && !isReason && JsonText.Is(ref reader, "id"u8);
            reader.Read();
            if (isUsage && reader.TokenType == JsonTokenType.StartObject)
            {
                Usage = StepUsage.Read(ref reader);
            }
            else if (isContent && reader.TokenType == JsonTokenType.StartArray)
            {
                ReadBlocks(ref reader);
            }
            else
            {
                if (isId && reader.TokenType == JsonTokenType.String)
                {
                    TakeId(reader.ValueSpan);
                }

                _saysMore = !isReason ? _saysMore : reader.TokenType == JsonTokenType.String ? JsonText.Is(ref reader, "tool_use"u8) : null;
                reader.Skip();
            }
        }
    }

    // Kept as bytes: no CLI of 2026 sends any, and a run of a CLI that does must not create a string for each.
    private void TakeId(ReadOnlySpan<byte> id)
    {
        ContinuesStep = !id.IsEmpty && id.SequenceEqual(_id.AsSpan(0, _idLength));
        if (!ContinuesStep)
        {
            _nextIdLength = id.Length <= LongestId ? id.Length : 0;
            id[.._nextIdLength].CopyTo(_nextId);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void ReadBlocks(ref JsonReader reader)
    {
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType == JsonTokenType.StartObject)
            {
                ReadBlock(ref reader);
            }
            else
            {
                reader.Skip();
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void ReadBlock(ref JsonReader reader)
    {
        bool isToolUse = false;
        bool isToolResult = false;
        bool isError = false;
        JsonReader id = default;
        JsonReader name = default;
        JsonReader toolUseId = default;
        JsonReader value = default;
        while (JsonText.NextField(ref reader))
        {
            if (JsonText.Is(ref reader, "type"u8))
            {
                reader.Read();
                isToolUse = reader.TokenType == JsonTokenType.String && JsonText.Is(ref reader, "tool_use"u8);
                isToolResult = reader.TokenType == JsonTokenType.String && JsonText.Is(ref reader, "tool_result"u8);
            }
            else if (JsonText.Is(ref reader, "id"u8))
            {
                reader.Read();
                id = reader;
            }
            else if (JsonText.Is(ref reader, "name"u8))
            {
                reader.Read();
                name = reader;
            }
            else if (JsonText.Is(ref reader, "tool_use_id"u8))
            {
                reader.Read();
                toolUseId = reader;
            }
            else if (JsonText.Is(ref reader, "is_error"u8))
            {
                reader.Read();
                isError = reader.TokenType == JsonTokenType.True;
            }
            else if (JsonText.Is(ref reader, "input"u8) || JsonText.Is(ref reader, "content"u8))
            {
                reader.Read();
                value = reader;
            }
            else
            {
                reader.Read();
            }

            reader.Skip();
        }

        if (isToolUse)
        {
            string? tool = name.TokenType == JsonTokenType.String ? _toolbox.Own(_toolNames.Of(ref name)) : null;
            KnownTool? known = KnownTools.Find(tool);
            ToolUses.Add(new ToolUse(
                StringOf(ref id),
                tool,
                known?.Written is string written ? FieldOf(written, value) : null,
                known?.Patch is string patch ? FieldOf(patch, value) : null));
        }
        else if (isToolResult)
        {
            bool mayBeDenied = isError || (value.TokenType == JsonTokenType.String && DenialWords.Begin(value));
            bool mayNameFiles = !isError && value.TokenType == JsonTokenType.String && ResultFiles.MayBeIn(value);
            ToolResults.Add(new ToolResult(StringOf(ref toolUseId), isError, mayBeDenied ? StringOf(ref value) : null)
            {
                Told = mayNameFiles ? StringOf(ref value) : null,
            });
        }
    }

    private static string? StringOf(ref JsonReader reader) =>
        reader.TokenType == JsonTokenType.String ? JsonText.String(ref reader) : null;

    private static string? FieldOf(string name, JsonReader input)
    {
        if (input.TokenType != JsonTokenType.StartObject)
        {
            return null;
        }

        while (JsonText.NextField(ref input))
        {
            bool isIt = JsonText.Is(ref input, name);
            input.Read();
            if (isIt)
            {
                return StringOf(ref input);
            }

            input.Skip();
        }

        return null;
    }

    public readonly record struct ToolUse(string? Id, string? Name, string? File, string? PatchText);

    /// <summary>The result of a tool.</summary>
    /// <param name="ToolUseId">The ID of the call.</param>
    /// <param name="IsError">Whether the CLI marks it as an error.</param>
    /// <param name="Refusal">The text of an error or of a denial; null if it is neither.</param>
    public readonly record struct ToolResult(string? ToolUseId, bool IsError, string? Refusal)
    {
        /// <summary>The text of a result that may contain file names; null for others.</summary>
        public string? Told { get; init; }
    }
}
