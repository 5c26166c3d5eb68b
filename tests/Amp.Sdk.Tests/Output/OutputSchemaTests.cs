using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Amp.Output;
using Amp.Services;

namespace Amp.Sdk.Tests.Output;

/// <summary>Schemas as text and of types: what fits, what does not, and what comes out.</summary>
public sealed class OutputSchemaTests
{
    public enum Level
    {
        Low,
        High,
    }

    [Theory]
    [InlineData("""{"type":"object","properties":{"name":{"type":"string"}},"required":["name"]}""", """{"name":"a"}""", "{}", "name")]
    [InlineData("""{"type":"object","properties":{"n":{"type":"integer","minimum":1}}}""", """{"n":1}""", """{"n":0}""", "/n")]
    [InlineData("""{"type":"array","items":{"type":"string"}}""", """["a"]""", "[1]", "/0")]
    [InlineData("""{"type":"array","items":{"type":"object","properties":{"x":{"type":"number"}},"required":["x"]},"minItems":1}""", """[{"x":1.5}]""", "[]", "whole value")]
    [InlineData("""{"type":"string"}""", "\"a\"", "1", "whole value")]
    [InlineData("""{"type":"integer"}""", "7", "7.5", "whole value")]
    [InlineData("""{"type":"boolean"}""", "true", "\"true\"", "whole value")]
    [InlineData("""{"enum":["low","high",3]}""", "3", "\"middle\"", "whole value")]
    [InlineData("""{"const":"x"}""", "\"x\"", "\"y\"", "whole value")]
    [InlineData("""{"type":["string","null"]}""", "null", "1", "whole value")]
    [InlineData("""{"anyOf":[{"type":"string"},{"type":"integer"}]}""", "1", "true", "whole value")]
    [InlineData("""{"oneOf":[{"type":"object","properties":{"kind":{"const":"a"}},"required":["kind"]},{"type":"object","properties":{"kind":{"const":"b"}},"required":["kind"]}]}""", """{"kind":"b"}""", """{"kind":"c"}""", "")]
    [InlineData("""{"type":"object","properties":{"a":{"type":"string"}},"additionalProperties":false}""", "{}", """{"b":1}""", "/b")]
    [InlineData("""{"type":"object","additionalProperties":{"type":"integer"}}""", """{"x":1,"y":2}""", """{"x":"1"}""", "/x")]
    [InlineData("""{"type":"string","format":"date-time"}""", "\"2026-11-29T10:00:00Z\"", "\"yesterday\"", "whole value")]
    [InlineData("""{"type":"string","pattern":"^[a-z]+$"}""", "\"abc\"", "\"ABC\"", "whole value")]
    [InlineData("""{"$defs":{"n":{"type":"integer"}},"type":"array","items":{"$ref":"#/$defs/n"}}""", "[1]", "[\"1\"]", "/0")]
    [InlineData("""{"type":"object","properties":{"next":{"$ref":"#"},"v":{"type":"integer"}},"required":["v"]}""", """{"v":1,"next":{"v":2}}""", """{"v":1,"next":{}}""", "/next")]
    [InlineData("""{"type":"array","items":{"anyOf":[{"type":"integer"},{"$ref":"#"}]}}""", "[1,[2,[3]]]", "[\"1\"]", "/0")]
    [InlineData("""{"$schema":"http://json-schema.org/draft-07/schema#","definitions":{"s":{"type":"string"}},"type":"object","properties":{"a":{"$ref":"#/definitions/s"}},"required":["a"]}""", """{"a":"x"}""", """{"a":1}""", "/a")]
    [InlineData("""{"$schema":"https://json-schema.org/draft/2020-12/schema","type":"array","prefixItems":[{"type":"string"},{"type":"integer"}],"items":false}""", """["a",1]""", """["a",1,2]""", "")]
    [InlineData("""{"type":"array","uniqueItems":true}""", "[1,2]", "[1,1]", "whole value")]
    [InlineData("""{"type":"object","properties":{"a":{}},"dependentRequired":{"a":["b"]}}""", """{"a":1,"b":2}""", """{"a":1}""", "")]
    [InlineData("""{"type":"object","if":{"properties":{"k":{"const":1}},"required":["k"]},"then":{"required":["v"]}}""", """{"k":2}""", """{"k":1}""", "")]
    public async Task An_answer_that_fits_is_taken_and_one_that_does_not_is_told_its_place(string schema, string right, string wrong, string place)
    {
        OutputSchema output = OutputSchema.Parse(schema);
        OutputCollector collector = new(output, retryLimit: 3);
        ToolResult rejected = await collector.TakeAsync(Call(output, wrong), TestContext.Current.CancellationToken);
        Assert.True(rejected.IsError);
        Assert.Contains(place, rejected.Text, StringComparison.Ordinal);
        Assert.Null(collector.Json);
        Assert.False((await collector.TakeAsync(Call(output, right), TestContext.Current.CancellationToken)).IsError);
        Assert.Equal(right, collector.Json);

        // A tool takes an object, whatever the answer is.
        using JsonDocument offered = JsonDocument.Parse(output.Envelope.ToolSchema);
        Assert.Equal("object", offered.RootElement.GetProperty("type").GetString());
        Assert.False(offered.RootElement.TryGetProperty("anyOf", out _));

        // What is offered takes what is asked for.
        OutputSchema envelope = OutputSchema.Parse(output.Envelope.ToolSchema);
        Assert.Empty(envelope.FaultsOf(Call(output, right)));
        Assert.NotEmpty(envelope.FaultsOf(Call(output, wrong)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("no JSON")]
    [InlineData("[]")]
    [InlineData("true")]
    [InlineData("""{"type":"text"}""")]
    [InlineData("""{"type":"object","properties":{"a":12}}""")]
    [InlineData("""{"type":"object","required":"name"}""")]
    [InlineData("""{"type":"string","minLength":-1}""")]
    [InlineData("""{"$schema":"https://example.com/mine"}""")]
    [InlineData("""{"$ref":"https://example.com/other.json"}""")]
    public void What_is_no_schema_is_refused(string schema)
    {
        AmpValidationException error = Assert.Throws<AmpValidationException>(() => OutputSchema.Parse(schema));
        Assert.Equal(nameof(AmpOptions.OutputSchema), error.OptionName);
    }

    [Fact]
    public async Task An_answer_becomes_an_object_of_the_type()
    {
        Server server = Assert.IsType<Server>(await ReadAsync<Server>(
            """{"Name":"a","Cpus":2,"Since":"2026-11-29T10:00:00Z","Level":"High","Note":null,"Tags":["x"],"Disks":{"sda":10},"Parent":{"Name":"b"}}"""));
        Assert.Equal(("a", 2, Level.High, null, 10L, "b"), (server.Name, server.Cpus, server.Level, server.Note, server.Disks["sda"], server.Parent!.Name));
        Assert.Equal(["x"], server.Tags);
        Assert.Equal(new DateTime(2026, 11, 29, 10, 0, 0, DateTimeKind.Utc), server.Since);
        int[] numbers = Assert.IsType<int[]>(await ReadAsync<int[]>("[1,2]"));
        Assert.Equal([1, 2], numbers);
        Assert.Equal(Level.High, await ReadAsync<Level>("\"High\""));
        Assert.Equal(3, Assert.IsType<List<Server>>(await ReadAsync<List<Server>>($"[{string.Join(',', Enumerable.Repeat(Least, 3))}]")).Count);
        Assert.Equal(7, Assert.IsType<Dictionary<string, int>>(await ReadAsync<Dictionary<string, int>>("""{"x":7}"""))["x"]);
    }

    private const string Least = """{"Name":"a","Cpus":1,"Since":"2026-11-29T10:00:00Z","Level":"Low","Tags":[],"Disks":{}}""";

    [Theory]
    [InlineData("Name", "missing")]
    [InlineData("Cpus", "0")]
    [InlineData("Cpus", "\"2\"")]
    [InlineData("Level", "\"Middle\"")]
    [InlineData("Since", "\"today\"")]
    [InlineData("Tags", "[1]")]
    [InlineData("Disks", """{"sda":"big"}""")]
    [InlineData("Parent", "{}")]
    [InlineData("Else", "1")]
    public async Task What_does_not_fit_the_type_is_refused(string property, string value)
    {
        Dictionary<string, JsonElement> fields = JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(Least)!;
        fields.Remove(property);
        if (value != "missing")
        {
            fields[property] = JsonDocument.Parse(value).RootElement;
        }

        Assert.Null(await ReadAsync<Server>(JsonSerializer.Serialize(fields)));
    }

    [Fact]
    public void Descriptions_and_limits_of_attributes_are_in_the_schema()
    {
        using JsonDocument schema = JsonDocument.Parse(OutputSchema.Of<Server>().Json);
        JsonElement properties = schema.RootElement.GetProperty("properties");
        Assert.Equal("How many processors it has.", properties.GetProperty("Cpus").GetProperty("description").GetString());
        Assert.Equal(1, properties.GetProperty("Cpus").GetProperty("minimum").GetInt32());
        Assert.Equal(["Low", "High"], properties.GetProperty("Level").GetProperty("enum").EnumerateArray().Select(name => name.GetString()!));
        Assert.DoesNotContain("Note", schema.RootElement.GetProperty("required").EnumerateArray().Select(name => name.GetString()));
    }

    [Fact]
    public void A_type_that_refers_to_itself_is_refused_with_the_place()
    {
        AmpValidationException error = Assert.Throws<AmpValidationException>(() => OutputSchema.Of<Node>());
        Assert.Contains("Node.Children[]", error.Message, StringComparison.Ordinal);
        Assert.Throws<AmpValidationException>(() => OutputSchema.Of<Action>());
        Assert.Throws<AmpValidationException>(() => OutputSchema.Of<Dictionary<string, Node>>());
    }

    [Fact]
    public async Task What_the_serializer_writes_of_a_type_is_accepted()
    {
        Timed timed = new() { At = new TimeOnly(7, 30), Named = Level.High, MayBeNamed = Level.Low, Numbered = Level.High };
        string answer = JsonSerializer.Serialize(timed);
        OutputSchema schema = OutputSchema.Of<Timed>(JsonSerializerOptions.Default);
        Assert.Empty(schema.FaultsOf(answer));
        Timed read = Assert.IsType<Timed>(await schema.ReadAsync(answer, TestContext.Current.CancellationToken));
        Assert.Equal((timed.At, Level.High, Level.Low, Level.High), (read.At, read.Named, read.MayBeNamed, read.Numbered));
        using JsonDocument json = JsonDocument.Parse(schema.Json);
        JsonElement properties = json.RootElement.GetProperty("properties");
        Assert.Equal(["Low", "High"], properties.GetProperty("Named").GetProperty("enum").EnumerateArray().Select(name => name.GetString()!));
        Assert.Equal("integer", properties.GetProperty("Numbered").GetProperty("type").GetString());
        Assert.NotEmpty(schema.FaultsOf(answer.Replace("\"High\"", "1", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_format_that_is_unknown_is_left_open()
    {
        Assert.Contains("\"Number\":{}", OutputSchema.Of<Converted>().Json, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("\"Number\":{}", OutputSchema.Of<MayBeConverted>().Json, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void A_type_that_stands_for_others_is_refused_with_the_place()
    {
        Assert.Contains("Shape", Assert.Throws<AmpValidationException>(() => OutputSchema.Of<Shape>()).Message, StringComparison.Ordinal);
        Assert.Contains("Shape[]", Assert.Throws<AmpValidationException>(() => OutputSchema.Of<Shape[]>()).Message, StringComparison.Ordinal);
        Assert.Throws<AmpValidationException>(() => OutputSchema.Of<IShape>());
        Assert.Throws<AmpValidationException>(() => OutputSchema.Of<Animal>());
    }

    [Fact]
    public async Task A_described_type_keeps_its_own_names()
    {
        JsonSerializerOptions options = new() { TypeInfoResolver = new DefaultJsonTypeInfoResolver() };
        OutputSchema schema = OutputSchema.Of((JsonTypeInfo<Point>)options.GetTypeInfo(typeof(Point)));
        OutputCollector collector = new(schema, 0);
        Assert.False((await collector.TakeAsync("""{"x":1,"the_y":2}""", TestContext.Current.CancellationToken)).IsError);
        Assert.Equal(new Point(1, 2), collector.Value);
    }

    [Fact]
    public async Task A_file_is_read_and_a_missing_one_is_named()
    {
        string path = Path.Combine(Path.GetTempPath(), $"schema-{Guid.NewGuid():N}.json");
        await File.WriteAllTextAsync(path, """{"type":"string"}""", TestContext.Current.CancellationToken);
        try
        {
            Assert.Equal("""{"type":"string"}""", OutputSchema.FromFile(path).Json);
        }
        finally
        {
            File.Delete(path);
        }

        Assert.Equal(path, Assert.Throws<AmpValidationException>(() => OutputSchema.FromFile(path)).Value);
    }

    [Fact]
    public async Task After_the_last_try_the_run_is_told()
    {
        bool isExhausted = false;
        OutputCollector collector = new(OutputSchema.Parse("""{"type":"string"}"""), retryLimit: 1) { Exhausted = () => isExhausted = true };
        await collector.TakeAsync("""{"value":1}""", TestContext.Current.CancellationToken);
        Assert.False(isExhausted);
        await collector.TakeAsync("""{"other":"x"}""", TestContext.Current.CancellationToken);
        Assert.True(isExhausted);
        Assert.Equal(2, collector.Rejected.Count);
        Assert.Null(collector.Ask());
    }

    private static string Call(OutputSchema schema, string answer) =>
        schema.Envelope.Open("""{"value":1}""") == "1" ? $$"""{"value":{{answer}}}""" : answer;

    private static async Task<object?> ReadAsync<T>(string answer)
    {
        OutputSchema schema = OutputSchema.Of<T>();
        OutputCollector collector = new(schema, 0);
        await collector.TakeAsync(Call(schema, answer), TestContext.Current.CancellationToken);
        return collector.Value;
    }

    public interface IShape
    {
        string Name { get; set; }
    }

    public abstract class Shape
    {
        public string Name { get; set; } = "";
    }

    [JsonDerivedType(typeof(Dog), "dog")]
    public class Animal
    {
        public string Name { get; set; } = "";
    }

    public sealed class Dog : Animal
    {
        public int Tricks { get; set; }
    }

    public sealed class Timed
    {
        public TimeOnly At { get; set; }

        [JsonConverter(typeof(JsonStringEnumConverter<Level>))]
        public Level Named { get; set; }

        [JsonConverter(typeof(JsonStringEnumConverter<Level>))]
        public Level? MayBeNamed { get; set; }

        public Level Numbered { get; set; }
    }

    public sealed class Converted
    {
        [JsonConverter(typeof(HexConverter))]
        public int Number { get; set; }
    }

    public sealed class MayBeConverted
    {
        [JsonConverter(typeof(HexConverter))]
        public int? Number { get; set; }
    }

    public sealed class HexConverter : JsonConverter<int>
    {
        public override int Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => Convert.ToInt32(reader.GetString(), 16);

        public override void Write(Utf8JsonWriter writer, int value, JsonSerializerOptions options) => writer.WriteStringValue(Convert.ToString(value, 16));
    }

    public sealed record Parent(string Name);

    public sealed record Point([property: JsonPropertyName("x")] int X, [property: JsonPropertyName("the_y")] int Y);

    public sealed class Server
    {
        public required string Name { get; set; }

        [Description("How many processors it has.")]
        [Range(1, 1024)]
        public int Cpus { get; set; }

        public DateTime Since { get; set; }

        public Level Level { get; set; }

        public string? Note { get; set; }

        public string[] Tags { get; set; } = [];

        public Dictionary<string, long> Disks { get; set; } = [];

        public Parent? Parent { get; set; }

        [JsonIgnore]
        public string Ignored { get; set; } = "";
    }

    public sealed class Node
    {
        public string Name { get; set; } = "";

        public List<Node> Children { get; set; } = [];
    }

    /// <summary>An answer of this depth is accepted by the check of its schema.</summary>
    [Fact]
    public void A_deep_answer_is_taken_out_of_its_envelope()
    {
        string deep = new string('[', 100) + new string(']', 100);
        OutputEnvelope envelope = OutputEnvelope.Of("""{"type":"array"}""");
        Assert.True(envelope.Wraps);
        string property = JsonDocument.Parse(envelope.ToolSchema).RootElement.GetProperty("required")[0].GetString()!;
        Assert.Equal(deep, envelope.Open($$"""{"{{property}}":{{deep}}}"""));
    }
}
