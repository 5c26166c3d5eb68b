using System.Globalization;
using System.Text;

namespace Amp.Attack.Settings;

/// <summary>Writes settings files: what they mean in every spelling, and damaged ones.</summary>
internal sealed class SettingsText(AttackRandom random)
{
    private static readonly string[] s_actions = ["allow", "ask", "reject", "delegate"];
    private static readonly string[] s_patterns = ["Bash", "bash", "Ba*", "*", "create_file", "Read", "mcp__git__push", "mcp__*", "tb__*", "*_file", "{Bash,Read}", "Other"];
    private static readonly string[] s_oddValues = ["null", "\"true\"", "1", "0", "\"\"", "{}", "[]", "\"\\ud800\"", "1e999", "-0.0"];
    private static readonly int[] s_depths = [3, 60, 120, 125, 126, 127, 128, 129, 200, 1200];

    private bool _isOdd;

    /// <summary>Settings of a user, who rejects something.</summary>
    public byte[] OfUser() => Write([Rule(random.Pick(s_patterns), random.IsOneIn(4) ? random.Pick(s_actions) : "reject"), .. Rules(random.Next(3))], random.IsOneIn(25) ? "true" : null);

    /// <summary>Settings of a project: harmless, or such that they lift what somebody rejects.</summary>
    public byte[] OfProject() => random.Next(5) switch
    {
        0 => Write([], null),
        1 => Write([Rule(random.Pick(s_patterns), "reject")], random.IsOneIn(3) ? "false" : null),
        2 => Write(Rules(random.Next(4)), null),
        3 => Write([], random.IsOneIn(2) ? "true" : random.Pick(s_oddValues)),
        _ => Write(Rules(random.Next(3)), random.IsOneIn(2) ? "true" : null),
    };

    /// <summary>Whether one of the texts holds what not every reader takes: too deep, too large, half characters.</summary>
    public bool IsOdd => _isOdd;

    /// <summary>Breaks a text: cut, flipped, encoded anew, bytes that are no UTF-8.</summary>
    public byte[] Damaged(byte[] text)
    {
        byte[] copy = [.. text];
        switch (random.Next(8))
        {
            case 0:
                return copy[..random.Next(copy.Length + 1)];
            case 1:
                return copy[random.Next(copy.Length + 1)..];
            case 2:
                Encoding encoding = random.Pick((Encoding[])[Encoding.Unicode, Encoding.BigEndianUnicode, Encoding.UTF32]);
                return [.. random.IsOneIn(2) ? encoding.GetPreamble() : [], .. encoding.GetBytes(Encoding.UTF8.GetString(text))];
            case 3:
                return [.. copy, .. text];
            case 4:
                return [.. "\0\uFEFF \u00A0"u8.ToArray().Take(random.Next(1, 7)), .. copy];
            default:
                for (int i = random.Next(1, 4); i > 0 && copy.Length > 0; i--)
                {
                    copy[random.Next(copy.Length)] = random.IsOneIn(3) ? random.Pick(" ,:{}[]\"/*\\\n"u8.ToArray()) : (byte)random.Next(256);
                }

                return copy;
        }
    }

    private List<string> Rules(int count)
    {
        List<string> rules = [];
        for (; count > 0; count--)
        {
            rules.Add(random.IsOneIn(12) ? OddRule() : Rule(random.Pick(s_patterns), random.Pick(s_actions)));
        }

        return rules;
    }

    private string Rule(string tool, string action)
    {
        List<string> fields = [$"\"tool\":{Gap()}{Spelled(tool)}", $"{Spelled("action")}:{Spelled(action)}"];
        if (action == "delegate")
        {
            fields.Add("\"to\":\"/bin/true\"");
        }

        if (random.IsOneIn(8))
        {
            // Of names that come twice the last one counts.
            fields.Insert(0, $"\"action\":{Spelled(random.Pick(s_actions))}");
        }

        if (random.IsOneIn(10))
        {
            string field = random.Pick((string[])["\"message\":\"no\"", "\"message\":\"\\ud800\"", "\"context\":\"thread\"", "\"x\":{\"tool\":\"*\"}", "\"message\":7"]);
            _isOdd |= field.Contains("\\u", StringComparison.Ordinal);
            fields.Add(field);
        }

        return $"{{{string.Join($",{Gap()}", fields)}{(random.IsOneIn(6) ? "," : string.Empty)}}}";
    }

    private string OddRule()
    {
        _isOdd = true;
        return random.Pick((string[])
        [
            "null", "7", "\"Bash\"", "[]", "{}", "{\"action\":\"allow\"}", "{\"tool\":\"*\"}", "{\"tool\":null,\"action\":\"allow\"}", "{\"tool\":[\"Bash\"],\"action\":\"allow\"}",
            "{\"tool\":\"\\ud800\",\"action\":\"reject\"}", "{\"tool\":\"\\ud800*\",\"action\":\"allow\"}", "{\"tool\":\"Bash\",\"action\":\"\\udc00\"}", "{\"tool\":\"\",\"action\":\"allow\"}",
            "{\"\\ud800\":1,\"tool\":\"Bash\",\"action\":\"reject\"}", "{\"tool\":\"Bash\",\"action\":\"reject\",\"to\":\"\\ud800\"}", "{\"tool\":\"Bash\",\"action\":\"delegate\",\"to\":\"\\ud800\"}",
        ]);
    }

    private byte[] Write(List<string> rules, string? allowAll)
    {
        List<string> fields = [];
        if (rules.Count > 0 || random.IsOneIn(4))
        {
            fields.Add($"{Spelled("amp.permissions")}:{Gap()}[{string.Join($"{Gap()},{Gap()}", rules)}{(rules.Count > 0 && random.IsOneIn(5) ? "," : string.Empty)}]");
        }

        if (allowAll is not null)
        {
            // A comment before the colon is refused, as what not every reader takes.
            string gap = Gap();
            _isOdd |= gap.Contains('/', StringComparison.Ordinal) || allowAll is not ("true" or "false");
            fields.Add($"{Spelled("amp.dangerouslyAllowAll")}{gap}:{Gap()}{allowAll}");
        }

        for (int i = random.Next(3); i > 0; i--)
        {
            fields.Insert(random.Next(fields.Count + 1), Noise());
        }

        if (random.IsOneIn(8))
        {
            // Of names that come twice the last one counts; whoever takes the first reads something else.
            fields.Insert(0, random.Pick((string[])["\"amp.permissions\":[]", "\"amp.dangerouslyAllowAll\":false", "\"amp.dangerouslyAllowAll\":true", "\"amp.permissions\":[{\"tool\":\"Bash\",\"action\":\"reject\"}]"]));
        }

        return Encoding.UTF8.GetBytes($"{(random.IsOneIn(8) ? "\uFEFF" : string.Empty)}{Gap()}{{{Gap()}{string.Join($",{Gap()}", fields)}{(fields.Count > 0 && random.IsOneIn(5) ? "," : string.Empty)}{Gap()}}}{Gap()}");
    }

    private string Noise()
    {
        switch (random.Next(12))
        {
            case 0:
                int depth = random.Pick(s_depths);
                _isOdd |= depth > 100;
                return $"\"deep\":{new string('[', depth)}{new string(']', depth)}";
            case 1 when random.IsOneIn(60):
                _isOdd = true;
                return $"\"large\":\"{new string('x', random.Next(15, 18) * 1024 * 1024)}\"";
            case 2:
                _isOdd = true;
                return random.Pick((string[])["\"amp.tools.disable\":[\"\\ud800\"]", "\"amp.tools.enable\":\"\\ud800\"", "\"amp.mcpServers\":{\"\\ud800\":{}}", "\"\\ud800\":1", "\"amp.systemPrompt\":\"\\ud800\"", "\"amp.url\":\"\\udfff\"", "\"amp.permissions.x\":[]"]);
            case 3:
                return "\"amp.tools.disable\":[\"Read\"]";
            case 4:
                return "\"amp.mcpServers\":{\"a\":{\"command\":\"b\"}}";
            case 5:
                return "\"amp.tools.stopTimeout\":7";
            default:
                return random.Pick((string[])["\"amp.notifications.enabled\":false", "\"AMP.DANGEROUSLYALLOWALL\":true", "\"x\":{\"amp.dangerouslyAllowAll\":true}", "\"y\":\"// \\\"amp.permissions\\\":[]\"", "\"amp\":{\"permissions\":[{\"tool\":\"*\",\"action\":\"allow\"}]}"]);
        }
    }

    private string Gap() => random.Next(10) switch
    {
        0 => " ",
        1 => "\r\n\t",
        2 => "/* { \" */",
        3 => "// \"amp.dangerouslyAllowAll\": true }\n",
        _ => string.Empty,
    };

    // The same text, with some of its letters escaped.
    private string Spelled(string text)
    {
        if (!random.IsOneIn(5))
        {
            return $"\"{text}\"";
        }

        int at = random.Next(text.Length);
        return string.Create(CultureInfo.InvariantCulture, $"\"{text[..at]}\\u{(int)text[at]:x4}{text[(at + 1)..]}\"");
    }
}
