using System.Buffers;
using System.Collections;
using System.Collections.Concurrent;
using System.Globalization;
using System.Management.Automation;
using System.Management.Automation.Internal;
using System.Security;
using System.Text.Encodings.Web;
using System.Text.Json;
using Amp.Text;

namespace Amp.PowerShell.Tools;

/// <summary>Writes objects as JSON with limited depth and length, because the reader pays for every character.</summary>
internal sealed class ObjectJson
{
    private const int MostItemsOfTools = 1000;
    private const int LongestStringOfTools = 16 * 1024;
    private const int MostBriefProperties = 8;

    private static readonly JsonWriterOptions s_options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    // Finding a type by name takes longer than reading most properties.
    private static readonly ConcurrentDictionary<string, bool> s_simple = new(StringComparer.Ordinal);

    private readonly ObjectDetail _detail;
    private readonly int _deepest;
    private readonly int _mostItems = MostItemsOfTools;
    private readonly int _longestString = LongestStringOfTools;
    private readonly SortedSet<string> _cuts = new(StringComparer.Ordinal);
    private readonly ArrayBufferWriter<byte> _buffer = new();
    private int _limit;

    public ObjectJson(ObjectDetail detail)
    {
        _detail = detail;
        _deepest = detail == ObjectDetail.Full ? 5 : 3;
    }

    /// <summary>Writes objects completely, down to this number of levels.</summary>
    public ObjectJson(int deepest)
    {
        _detail = ObjectDetail.Full;
        _deepest = deepest;
        _mostItems = int.MaxValue;
        _longestString = int.MaxValue;
    }

    /// <summary>What was omitted so far, in words.</summary>
    public IReadOnlyCollection<string> Cuts => _cuts;

    /// <summary>Writes an object. Returns null if it exceeds the limit.</summary>
    public byte[]? Write(object? value, int limit)
    {
        _buffer.ResetWrittenCount();
        _limit = limit;
        using Utf8JsonWriter writer = new(_buffer, s_options);
        if (!WriteValue(writer, value, 0))
        {
            return null;
        }

        writer.Flush();
        return _buffer.WrittenCount <= limit ? _buffer.WrittenSpan.ToArray() : null;
    }

    /// <summary>Writes the text of an object, shortened if required.</summary>
    public byte[] WriteText(object? value, int length)
    {
        string text = Text(value);
        _cuts.Add("an object that is too large is shown as text");
        return JsonSerializer.SerializeToUtf8Bytes(TruncatedText.Shown(text, length));
    }

    // False as soon as the text is too long. The rest is not read.
    private bool WriteValue(Utf8JsonWriter writer, object? value, int depth)
    {
        if (writer.BytesCommitted + writer.BytesPending > _limit)
        {
            return false;
        }

        object? plain = value is PSObject wrapped && wrapped.BaseObject is not PSCustomObject ? wrapped.BaseObject : value;
        plain = FormattedOutput.Inside(plain);
        if (WriteSimple(writer, plain))
        {
            return true;
        }

        if (depth >= _deepest)
        {
            _cuts.Add($"data deeper than {_deepest} levels is shown as text");
            WriteString(writer, Text(plain));
            return true;
        }

        return plain switch
        {
            IDictionary table => WriteTable(writer, table, depth),
            IEnumerable list => WriteList(writer, list, depth),
            // The default display properties come first in a snapshot.
            PSObject { TypeNames: [string type, ..] } copy when _detail == ObjectDetail.Brief && type.StartsWith("Deserialized.", StringComparison.Ordinal)
                => WriteProperties(writer, copy.Properties.Take(MostBriefProperties), depth),
            PSObject custom => WriteProperties(writer, custom.Properties, depth),
            _ when FormattedOutput.Columns(PSObject.AsPSObject(value!)) is IEnumerable<PSPropertyInfo> columns => WriteProperties(writer, columns, depth),
            _ when depth == 0 => WriteProperties(writer, Chosen(PSObject.AsPSObject(value!)), depth),
            _ => WriteAsText(writer, plain),
        };
    }

    private bool WriteSimple(Utf8JsonWriter writer, object? value)
    {
        switch (value)
        {
            case PSObject custom when custom != AutomationNull.Value:
                return false;
            case null or DBNull or PSObject:
                writer.WriteNullValue();
                return true;
            case bool flag:
                writer.WriteBooleanValue(flag);
                return true;
            case SwitchParameter flag:
                writer.WriteBooleanValue(flag.IsPresent);
                return true;
            case Enum name:
                writer.WriteStringValue(name.ToString());
                return true;
            case sbyte or byte or short or ushort or int or uint or long:
                writer.WriteNumberValue(Convert.ToInt64(value, CultureInfo.InvariantCulture));
                return true;
            case ulong number:
                writer.WriteNumberValue(number);
                return true;
            case decimal number:
                writer.WriteNumberValue(number);
                return true;
            case double number when double.IsFinite(number):
                writer.WriteNumberValue(number);
                return true;
            case float number when float.IsFinite(number):
                writer.WriteNumberValue(number);
                return true;
            case DateTime time:
                writer.WriteStringValue(time.ToString("o", CultureInfo.InvariantCulture));
                return true;
            case DateTimeOffset time:
                writer.WriteStringValue(time.ToString("o", CultureInfo.InvariantCulture));
                return true;
            case SecureString or PSCredential:
                writer.WriteStringValue("(secret)");
                return true;
            case byte[] bytes:
                WriteString(writer, Convert.ToHexString(bytes, 0, Math.Min(bytes.Length, Math.Min(_longestString, _limit) / 2 + 1)));
                return true;
            case string or char or Guid or Uri or Version or TimeSpan or IFormattable or Type or ScriptBlock:
                WriteString(writer, value is IFormattable text ? text.ToString(null, CultureInfo.InvariantCulture) : value.ToString()!);
                return true;
            case ErrorRecord error:
                WriteString(writer, error.Exception.Message);
                return true;
            case Exception exception:
                WriteString(writer, exception.Message);
                return true;
            default:
                return false;
        }
    }

    private bool WriteTable(Utf8JsonWriter writer, IDictionary table, int depth)
    {
        writer.WriteStartObject();
        foreach (DictionaryEntry entry in table)
        {
            writer.WritePropertyName(Text(entry.Key));
            if (!WriteValue(writer, entry.Value, depth + 1))
            {
                return false;
            }
        }

        writer.WriteEndObject();
        return true;
    }

    private bool WriteList(Utf8JsonWriter writer, IEnumerable list, int depth)
    {
        writer.WriteStartArray();
        int count = 0;
        foreach (object? item in list)
        {
            if (++count > _mostItems)
            {
                _cuts.Add($"lists are truncated after {_mostItems} items");
                break;
            }

            if (!WriteValue(writer, item, depth + 1))
            {
                return false;
            }
        }

        writer.WriteEndArray();
        return true;
    }

    private bool WriteProperties(Utf8JsonWriter writer, IEnumerable<PSPropertyInfo> properties, int depth)
    {
        writer.WriteStartObject();
        foreach (PSPropertyInfo property in properties)
        {
            object? value;
            try
            {
                value = property.Value;
            }
            catch (ExtendedTypeSystemException)
            {
                // As in PowerShell's own views, a property that cannot be read is omitted.
                continue;
            }

            writer.WritePropertyName(property.Name);
            if (!WriteValue(writer, value, depth + 1))
            {
                return false;
            }
        }

        writer.WriteEndObject();
        return true;
    }

    private bool WriteAsText(Utf8JsonWriter writer, object? value)
    {
        WriteString(writer, Text(value));
        return true;
    }

    private void WriteString(Utf8JsonWriter writer, string text)
    {
        if (text.Length <= _longestString)
        {
            writer.WriteStringValue(text);
            return;
        }

        _cuts.Add($"strings are truncated after {_longestString} characters");
        writer.WriteStringValue(TruncatedText.Shown(text, _longestString));
    }

    // PowerShell's default display properties, and the object's own properties of simple types. Other getters are not called.
    private IEnumerable<PSPropertyInfo> Chosen(PSObject item)
    {
        string[] shown = Shown(item);
        IEnumerable<PSPropertyInfo> first = shown.Select(name => item.Properties[name]).Where(property => property is not null);
        IEnumerable<PSPropertyInfo> others = item.Properties.Where(property =>
            DataSnapshot.IsGettable(property)
            && !shown.Contains(property.Name, StringComparer.OrdinalIgnoreCase)
            && property.MemberType is PSMemberTypes.Property or PSMemberTypes.NoteProperty
            && !property.Name.StartsWith("PS", StringComparison.Ordinal)
            && (property.MemberType == PSMemberTypes.NoteProperty || IsSimple(property.TypeNameOfValue)));
        return _detail == ObjectDetail.Full ? first.Concat(others)
            : shown.Length > 0 ? first
            : others.Take(MostBriefProperties);
    }

    /// <summary>The properties that PowerShell shows by default.</summary>
    internal static string[] Shown(PSObject item) =>
        (item.Members["PSStandardMembers"]?.Value as PSMemberSet)?.Members["DefaultDisplayPropertySet"] is PSPropertySet set
            ? [.. set.ReferencedPropertyNames]
            : [];

    /// <summary>Returns whether values of a type are written as they are.</summary>
    internal static bool IsSimple(string typeName) => s_simple.GetOrAdd(typeName, static name => FindSimple(name));

    private static bool FindSimple(string typeName)
    {
        Type? type = Type.GetType(typeName) ?? (LanguagePrimitives.TryConvertTo(typeName, out Type? found) ? found : null);
        type = type is null ? null : Nullable.GetUnderlyingType(type) ?? type;
        return type is not null && (type.IsPrimitive || type.IsEnum || type == typeof(string) || type == typeof(decimal)
            || type == typeof(DateTime) || type == typeof(DateTimeOffset) || type == typeof(TimeSpan) || type == typeof(Guid)
            || type == typeof(Uri) || type == typeof(Version) || type == typeof(string[]));
    }

    private static string Text(object? value)
    {
        try
        {
            return TerminalText.Strip(value?.ToString() ?? string.Empty);
        }
        catch (Exception exception) when (exception is not (OutOfMemoryException or PipelineStoppedException))
        {
            return value!.GetType().FullName!;
        }
    }
}

/// <summary>The level of detail for an object.</summary>
internal enum ObjectDetail
{
    /// <summary>All simple properties of the object itself.</summary>
    Full,

    /// <summary>The properties that PowerShell shows by default.</summary>
    Brief,
}
