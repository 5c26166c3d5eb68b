using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Amp.Json;

namespace Amp.Records;

/// <summary>
/// Replaces what was said in a line of the CLI with its hash and length, and keeps what was done: types, tools, the names of their arguments, tokens, states.
/// </summary>
internal static class HashedLine
{
    // Strings of these fields are names of the CLI's and the service's own.
    private static readonly HashSet<string> s_kept = new(StringComparer.Ordinal)
    {
        "type", "subtype", "session_id", "parent_tool_use_id", "tool_use_id", "model", "stop_reason", "service_tier", "cwd", "tool_name", "error_id", "tools",
        "agent_mode", "uuid", "is_error",
    };

    // These too, but only where the CLI has them: data of tools often has such fields.
    private static readonly HashSet<string> s_keptAtTop = new(StringComparer.Ordinal) { "role", "id", "name", "status" };

    private static readonly JsonWriterOptions s_options = new() { MaxDepth = JsonReader.MaxDepth, SkipValidation = true };

    /// <summary>Gets the text that replaces another one: <c>sha256:HASH:LENGTH</c>, of its UTF-8 bytes and in characters.</summary>
    public static string Of(string text) => Of(Encoding.UTF8.GetBytes(text), text.Length);

    /// <summary>Writes the line without what was said in it.</summary>
    public static void Write(ReadOnlySpan<byte> line, IBufferWriter<byte> output)
    {
        using Utf8JsonWriter writer = new(output, s_options);
        JsonReader reader = JsonText.Open(line);
        reader.Read();
        Copy(line, ref reader, writer, Place.Line, keeps: false);
    }

    private static string Of(ReadOnlySpan<byte> bytes, int length) =>
        string.Create(CultureInfo.InvariantCulture, $"sha256:{Convert.ToHexString(SHA256.HashData(bytes)).ToLowerInvariant()}:{length}");

    private enum Place
    {
        Line,
        Message,
        Item,
        Inside,
    }

    // A message, the parts of its content, and the list of servers.
    private static Place Next(Place place, string name) => (place, name) switch
    {
        (Place.Line, "message") => Place.Message,
        (Place.Line, "mcp_servers") or (Place.Message, "content") => Place.Item,
        _ => Place.Inside,
    };

    private static void Copy(ReadOnlySpan<byte> line, ref JsonReader reader, Utf8JsonWriter writer, Place place, bool keeps)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject:
                writer.WriteStartObject();
                while (JsonText.NextField(ref reader))
                {
                    string name = JsonText.String(ref reader);
                    writer.WritePropertyName(name);
                    reader.Read();
                    if (name is "input" or "tool_input" && reader.TokenType == JsonTokenType.StartObject)
                    {
                        CopyInput(line, ref reader, writer);
                    }
                    else
                    {
                        Copy(line, ref reader, writer, Next(place, name), s_kept.Contains(name) || (place != Place.Inside && s_keptAtTop.Contains(name)));
                    }
                }

                writer.WriteEndObject();
                break;
            case JsonTokenType.StartArray:
                writer.WriteStartArray();
                while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                {
                    Copy(line, ref reader, writer, place, keeps);
                }

                writer.WriteEndArray();
                break;
            case JsonTokenType.String:
                string text = JsonText.String(ref reader);
                writer.WriteStringValue(keeps ? text : Of(text));
                break;
            default:
                CopyLiteral(ref reader, writer);
                break;
        }
    }

    // The names of the arguments belong to the tool; deeper ones may be data.
    private static void CopyInput(ReadOnlySpan<byte> line, ref JsonReader reader, Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        while (JsonText.NextField(ref reader))
        {
            writer.WritePropertyName(JsonText.String(ref reader));
            reader.Read();
            if (reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray)
            {
                int start = reader.Position - 1;
                reader.Skip();
                ReadOnlySpan<byte> value = line[start..reader.Position];
                writer.WriteStringValue(Of(value, Encoding.UTF8.GetCharCount(value)));
            }
            else if (reader.TokenType == JsonTokenType.String)
            {
                writer.WriteStringValue(Of(JsonText.String(ref reader)));
            }
            else
            {
                CopyLiteral(ref reader, writer);
            }
        }

        writer.WriteEndObject();
    }

    private static void CopyLiteral(ref JsonReader reader, Utf8JsonWriter writer)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.True:
                writer.WriteBooleanValue(true);
                break;
            case JsonTokenType.False:
                writer.WriteBooleanValue(false);
                break;
            case JsonTokenType.Null:
                writer.WriteNullValue();
                break;
            default:
                writer.WriteRawValue(reader.ValueSpan, skipInputValidation: true);
                break;
        }
    }
}
