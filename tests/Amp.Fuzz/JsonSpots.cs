using System.Text.Json;

namespace Amp.Fuzz;

/// <summary>A part of a line: the bytes of a field's name, of a whole field or of a value.</summary>
internal readonly record struct JsonSpot(int Start, int End, bool IsName, int FieldEnd);

/// <summary>Finds the names and values of a line, at every depth.</summary>
internal static class JsonSpots
{
    public static List<JsonSpot> Of(byte[] line)
    {
        List<JsonSpot> spots = [];
        Utf8JsonReader reader = new(line, new JsonReaderOptions { MaxDepth = 2000 });
        try
        {
            while (reader.Read())
            {
                if (reader.TokenType is JsonTokenType.EndArray or JsonTokenType.EndObject)
                {
                    continue;
                }

                Utf8JsonReader ahead = reader;
                int start = (int)reader.TokenStartIndex;
                int end = (int)reader.BytesConsumed;
                if (reader.TokenType == JsonTokenType.PropertyName)
                {
                    // The name with its quotes; what the reader consumed has the colon too.
                    ahead.Skip();
                    spots.Add(new JsonSpot(start, start + reader.ValueSpan.Length + 2, true, (int)ahead.BytesConsumed));
                }
                else
                {
                    if (reader.TokenType is JsonTokenType.StartArray or JsonTokenType.StartObject)
                    {
                        ahead.Skip();
                        end = (int)ahead.BytesConsumed;
                    }

                    spots.Add(new JsonSpot(start, end, false, end));
                }
            }
        }
        catch (JsonException)
        {
            // Damaged before: what stands in front of the damage can still be changed.
        }

        return spots;
    }
}
