using System.Text.Json;

namespace Amp.Mcp;

/// <summary>
/// A server in the user's JSON. The known requirements of the CLI are checked. Other fields are passed to the CLI unchanged, because a
/// later CLI may support them.
/// </summary>
internal static class McpEntry
{
    private const string OptionName = AmpOptionName.McpConfig;

    private static readonly string[] s_wrappers = ["mcpServers", "amp.mcpServers", "servers"];
    private static readonly string[] s_secretObjects = ["env", "headers"];
    private static readonly string[] s_secretFields = ["clientSecret", "client_secret"];

    // The fields of a login, each with the names that the CLI accepts.
    private static readonly string[][] s_loginFields =
    [
        ["clientId", "client_id"],
        ["authUrl", "authorizationUrl", "auth_url", "authorization_url"],
        ["tokenUrl", "token_url"],
    ];

    /// <exception cref="AmpValidationException">The entry is not a valid server.</exception>
    public static void Check(JsonProperty entry, string source)
    {
        string place = $"'{TerminalText.Strip(entry.Name)}' in {source}";
        if (entry.Name.Length == 0)
        {
            throw Refuse($"A server in {source} has no name.", "Give it one.");
        }

        JsonElement server = entry.Value;
        bool isObject = server.ValueKind == JsonValueKind.Object;
        bool hasCommand = isObject && server.TryGetProperty("command", out _);
        bool hasUrl = isObject && server.TryGetProperty("url", out _);
        if (!hasCommand && !hasUrl)
        {
            throw Array.IndexOf(s_wrappers, entry.Name) >= 0
                ? Refuse($"{place} contains the servers instead of describing one.", "Give only its contents.")
                : Refuse(
                    isObject ? $"{place} has neither 'command' nor 'url'." : $"{place} is not an object.",
                    "A server is { \"command\": \"...\", \"args\": [...] } or { \"url\": \"https://...\" }.");
        }

        if (hasCommand && hasUrl)
        {
            throw Refuse($"{place} has both 'command' and 'url'.", "Remove one of them: the CLI either starts a server or calls it by HTTP.");
        }

        CheckFields(server, place);
    }

    /// <summary>
    /// Writes an entry without <c>disabled</c>. If it is disabled, writes nothing and returns false. <c>"type": "stdio"</c> is omitted:
    /// other programs require it next to a command, and Amp's CLI refuses it.
    /// </summary>
    public static bool WriteUnlessDisabled(Utf8JsonWriter writer, JsonProperty entry)
    {
        if (entry.Value.TryGetProperty("disabled", out JsonElement disabled) && disabled.ValueKind == JsonValueKind.True)
        {
            return false;
        }

        writer.WriteStartObject(entry.Name);
        foreach (JsonProperty field in entry.Value.EnumerateObject())
        {
            if (!field.NameEquals("disabled") && !(field.NameEquals("type") && IsText(field.Value, "stdio")))
            {
                field.WriteTo(writer);
            }
        }

        writer.WriteEndObject();
        return true;
    }

    public static IEnumerable<string> SecretValues(JsonElement server)
    {
        foreach (JsonProperty field in server.EnumerateObject())
        {
            if (Array.IndexOf(s_secretObjects, field.Name) >= 0 && field.Value.ValueKind == JsonValueKind.Object)
            {
                foreach (string value in field.Value.EnumerateObject().SelectMany(pair => McpCheck.HeaderSecrets(pair.Value.GetString()!)))
                {
                    yield return value;
                }
            }
            else if (field.NameEquals("oauth") && field.Value.ValueKind == JsonValueKind.Object)
            {
                foreach (string name in s_secretFields)
                {
                    if (field.Value.TryGetProperty(name, out JsonElement secret) && secret.ValueKind == JsonValueKind.String)
                    {
                        yield return secret.GetString()!;
                    }
                }
            }
            else if (field.NameEquals("url") && field.Value.ValueKind == JsonValueKind.String)
            {
                foreach (string value in McpUrl.Of(field.Value.GetString(), OptionName).Secrets)
                {
                    yield return value;
                }
            }
        }
    }

    private static void CheckFields(JsonElement server, string place)
    {
        foreach (JsonProperty field in server.EnumerateObject())
        {
            string where = $"'{TerminalText.Strip(field.Name)}' of {place}";
            switch (field.Name)
            {
                case "command":
                    McpCheck.Text(TextOf(field.Value, where), OptionName);
                    break;
                case "url":
                    McpUrl.Of(TextOf(field.Value, where), OptionName);
                    break;
                case "args":
                    foreach (JsonElement item in Items(field.Value, where))
                    {
                        RefuseNul(TextOf(item, $"A value in {where}"), where);
                    }

                    break;
                case "env" or "headers":
                    CheckSecrets(field, where);
                    break;
                case "oauth":
                    CheckLogin(field.Value, where);
                    break;
                case "disabled" when field.Value.ValueKind is not (JsonValueKind.True or JsonValueKind.False):
                    throw Refuse($"{where} is neither true nor false.", "Write it without quotes.");
            }
        }
    }

    private static void CheckSecrets(JsonProperty field, string where)
    {
        if (field.Value.ValueKind != JsonValueKind.Object)
        {
            throw Refuse($"{where} is not an object.", "Give names and strings: { \"NAME\": \"value\" }.");
        }

        foreach (JsonProperty secret in field.Value.EnumerateObject())
        {
            SecretText value = TextOf(secret.Value, $"'{TerminalText.Strip(secret.Name)}' in {where}");
            if (field.Name == "env")
            {
                McpCheck.Variable(secret.Name, value);
            }
            else
            {
                McpCheck.Header(secret.Name, value);
            }
        }
    }

    private static void CheckLogin(JsonElement login, string where)
    {
        string[]? missing = login.ValueKind == JsonValueKind.Object
            ? Array.Find(s_loginFields, names => !Array.Exists(names, name => login.TryGetProperty(name, out _)))
            : throw Refuse($"{where} is not an object.", "It has clientId, authUrl and tokenUrl.");
        if (missing is not null)
        {
            throw Refuse($"{where} has no '{missing[0]}'.", "The CLI requires clientId, authUrl and tokenUrl.");
        }
    }

    private static bool IsText(JsonElement value, string text) => value.ValueKind == JsonValueKind.String && value.ValueEquals(text);

    private static JsonElement.ArrayEnumerator Items(JsonElement list, string where) => list.ValueKind == JsonValueKind.Array
        ? list.EnumerateArray()
        : throw Refuse($"{where} is not a list.", "Give a list of strings: [\"-y\", \"package\"].");

    private static string TextOf(JsonElement value, string where)
    {
        if (value.ValueKind != JsonValueKind.String)
        {
            throw Refuse($"{where} is not a string.", "Put it in quotes.");
        }

        try
        {
            return value.GetString()!;
        }
        catch (InvalidOperationException)
        {
            throw Refuse($"{where} has an incomplete character.", "Give complete characters.");
        }
    }

    private static void RefuseNul(string text, string where)
    {
        if (text.Contains('\0', StringComparison.Ordinal))
        {
            throw Refuse($"{where} has a NUL character, where the system would cut it off.", "Remove it.");
        }
    }

    private static AmpValidationException Refuse(string message, string advice) => new(message, OptionName, advice);
}
