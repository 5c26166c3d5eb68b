using System.Text;
using System.Text.Json;
using Amp.Settings.Editing;

namespace Amp.Sdk.Tests.Settings.Editing;

public sealed class SettingsTextTests
{
    private const string Path = "settings.json";

    [Theory]
    [InlineData("{}", "{\n  \"k\": [\n    5\n  ]\n}")]
    [InlineData("{\n}\n", "{\n  \"k\": [\n    5\n  ]\n}\n")]
    [InlineData("{\n  // none yet\n}\n", "{\n  // none yet\n  \"k\": [\n    5\n  ]\n}\n")]
    [InlineData("{\n  \"a\": 1 // one\n}", "{\n  \"a\": 1, // one\n  \"k\": [\n    5\n  ]\n}")]
    [InlineData("{\r\n\t\"a\": 1,\r\n}", "{\r\n\t\"a\": 1,\r\n\t\"k\": [\r\n\t\t5\r\n\t],\r\n}")]
    [InlineData("{\n  \"k\": []\n}", "{\n  \"k\": [\n    5\n  ]\n}")]
    [InlineData("{\n  \"k\": [ // c\n  ]\n}", "{\n  \"k\": [ // c\n    5\n  ]\n}")]
    [InlineData("{ \"k\": [1, 2] }", "{ \"k\": [5, 1, 2] }")]
    [InlineData("{\n  \"k\": [\n    // first\n    1\n  ]\n}", "{\n  \"k\": [\n    5,\n    // first\n    1\n  ]\n}")]
    [InlineData("{\n  \"k\": [ // list\n    1\n  ]\n}", "{\n  \"k\": [ // list\n    5,\n    1\n  ]\n}")]
    [InlineData("\uFEFF{\n    \"k\": [\n        1,\n    ],\n}", "\uFEFF{\n    \"k\": [\n        5,\n        1,\n    ],\n}")]
    public void A_value_is_put_before_the_others(string before, string after) => Assert.Equal(after, Added(before, atEnd: false));

    [Theory]
    [InlineData("{ \"k\": [1] }", "{ \"k\": [1, 5] }")]
    [InlineData("{\n  \"k\": [\n    1 // one\n    /* end */\n  ]\n}", "{\n  \"k\": [\n    1, // one\n    /* end */\n    5\n  ]\n}")]
    [InlineData("{\n  \"k\": [\n    1, // one\n  ]\n}", "{\n  \"k\": [\n    1, // one\n    5,\n  ]\n}")]
    [InlineData("{\n  \"k\": [\n    \"]//\" // ]\n  ]\n}", "{\n  \"k\": [\n    \"]//\", // ]\n    5\n  ]\n}")]
    public void A_value_is_put_behind_the_others(string before, string after) => Assert.Equal(after, Added(before, atEnd: true));

    [Theory]
    [InlineData("{\n  \"k\": {\n    \"a\": 1,\n    \"b\": 2\n  }\n}", "b", "{\n  \"k\": {\n    \"a\": 1\n  }\n}")]
    [InlineData("{\n  \"k\": {\n    \"a\": 1,\n    \"b\": 2\n  }\n}", "a", "{\n  \"k\": {\n    \"b\": 2\n  }\n}")]
    [InlineData("{\n  \"k\": {\n    \"a\": 1, // one\n    // two\n    \"b\": 2,\n  }\n}", "b", "{\n  \"k\": {\n    \"a\": 1, // one\n    // two\n  }\n}")]
    [InlineData("{ \"k\": { \"a\": {\"a\": 1}, \"b\": 2 } }", "a", "{ \"k\": {  \"b\": 2 } }")]
    [InlineData("{ \"k\": { \"a\": 1, \"b\": 2, \"a\": 3 } }", "a", "{ \"k\": {  \"b\": 2 } }")]
    public void A_member_is_taken_out(string before, string name, string after)
    {
        SettingsText text = SettingsText.Parse(Encoding.UTF8.GetBytes(before), Path);

        Assert.True(text.RemoveMember("k", name));
        Assert.False(text.RemoveMember("k", "never"));

        string result = Encoding.UTF8.GetString(text.ToBytes());
        Assert.Equal(after.Replace(" ", "", StringComparison.Ordinal), result.Replace(" ", "", StringComparison.Ordinal));
    }

    [Fact]
    public void A_member_is_set_in_its_place()
    {
        SettingsText text = SettingsText.Parse("{\n  \"k\": {\n    // about a\n    \"a\": 1, // old\n    \"b\": 2\n  }\n}"u8.ToArray(), Path);

        text.SetMember("k", "a", writer => writer.WriteStringValue("new"));
        text.SetMember("k", "c\"", writer => writer.WriteNumberValue(3));

        Assert.Equal(
            "{\n  \"k\": {\n    // about a\n    \"a\": \"new\", // old\n    \"b\": 2,\n    \"c\\\"\": 3\n  }\n}",
            Encoding.UTF8.GetString(text.ToBytes()));
    }

    [Theory]
    [InlineData("{ \"k\": 5 }")]
    [InlineData("{ \"k\": {} }")]
    [InlineData("{ \"k\": [], \"k\": [] }")]
    [InlineData("[]")]
    [InlineData("{ \"k\": [ }")]
    [InlineData("")]
    public void What_cannot_be_changed_safely_is_refused(string before) => Assert.Throws<AmpValidationException>(() => Added(before, atEnd: false));

    [Fact]
    public void Whatever_the_file_looks_like_the_change_is_the_only_one()
    {
        Random random = new(20261121);
        for (int round = 0; round < 3000; round++)
        {
            string before = RandomSettings(random);
            bool atEnd = random.Next(2) == 0;
            string[] values = Values(before);

            string after = Added(before, atEnd);
            Assert.True(CanParse(after), $"{atEnd}: {before}\n=> {after}");

            Assert.Equal(atEnd ? [.. values, "5"] : ["5", .. values], Values(after));
            Assert.Equal(Others(before), Others(after));
            Assert.Equal(Comments(before), Comments(after));
            SettingsText text = SettingsText.Parse(Encoding.UTF8.GetBytes(after), Path);
            text.SetMember("new", "m", writer => writer.WriteNumberValue(1));
            text.RemoveMember("new", "m");
            string cleared = Encoding.UTF8.GetString(text.ToBytes());
            Assert.Equal(Values(after), Values(cleared));
            Assert.Equal(Others(after), Others(cleared).Replace("new:{};", "", StringComparison.Ordinal));
            Assert.Equal(Comments(before), Comments(cleared));
        }
    }

    private static string Added(string before, bool atEnd)
    {
        SettingsText text = SettingsText.Parse(Encoding.UTF8.GetBytes(before), Path);
        text.AddToList("k", atEnd, [writer => writer.WriteNumberValue(5)]);
        return Encoding.UTF8.GetString(text.ToBytes());
    }

    // .NET's reader knows no comments between a name and its colon: such a file is refused.
    private static string RandomSettings(Random random)
    {
        string Gap() => string.Concat(Enumerable.Range(0, random.Next(4)).Select(_ => random.Next(7) switch
        {
            0 => " // c, ]}\n",
            1 => " /* d, [{ */ ",
            2 => "\r\n  ",
            3 => "\n",
            4 => "\t",
            _ => " ",
        }));
        string List(string[] items, string open, string close)
        {
            string trailing = items.Length > 0 && random.Next(3) == 0 ? "," + Gap() : string.Empty;
            return open + Gap() + string.Join(Gap() + "," + Gap(), items) + Gap() + trailing + close;
        }

        string k = "\"k\" :" + Gap() + List([.. Enumerable.Range(0, random.Next(4)).Select(i => $"{{\"x\":{i}}}")], "[", "]");
        string[] others = [.. Enumerable.Range(0, random.Next(3)).Select(i => $"\"o{i}\":" + Gap() + "{\"y//\":\"/* no */\"}")];
        string[] all = random.Next(4) == 0 ? others : [.. others, k];
        return Gap() + List(all, "{", "}") + Gap();
    }

    private static JsonDocument Parse(string json) => JsonDocument.Parse(
        json, new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });

    private static bool CanParse(string json)
    {
        try
        {
            Parse(json).Dispose();
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static string[] Values(string json)
    {
        using JsonDocument document = Parse(json);
        return document.RootElement.TryGetProperty("k", out JsonElement list) ? [.. list.EnumerateArray().Select(value => value.GetRawText())] : [];
    }

    private static string Others(string json)
    {
        using JsonDocument document = Parse(json);
        return string.Concat(document.RootElement.EnumerateObject()
            .Where(property => property.Name != "k")
            .Select(property => $"{property.Name}:{JsonSerializer.Serialize(property.Value)};"));
    }

    private static int Comments(string json) => json.Split("c, ]}").Length + json.Split("d, [{").Length;
}
