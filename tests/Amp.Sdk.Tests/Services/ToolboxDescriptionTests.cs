using Amp.Services;

namespace Amp.Sdk.Tests.Services;

public sealed class ToolboxDescriptionTests
{
    [Theory]
    [InlineData("""{"name":"a","name":"b"}""")]
    [InlineData("""{"name":"a","args":{"x":["string","x"],"x":["string","y"]}}""")]
    [InlineData("""{"name":"a","args":{"x":{"type":"string","type":"string"}}}""")]
    [InlineData("""{"name":"a","inputSchema":{"properties":{},"properties":{}}}""")]
    [InlineData("""{"name":"\ud83d"}""")]
    [InlineData("""{"name":"a","description":"\ud83d"}""")]
    [InlineData("""{"name":"a","args":{"\ud83d":["string","x"]}}""")]
    [InlineData("""{"name":"a","args":{"x":["string","\ud83d"]}}""")]
    public void Odd_JSON_describes_no_tool(string output) => Assert.Null(ToolboxDescription.Read(output));

    [Theory]
    [InlineData("""{"name":"get stock","args":{"x":["string","which"]}}""")]
    [InlineData("name: get stock\nx: which")]
    public void A_description_in_either_format_is_a_tool(string output)
    {
        ToolboxDescription tool = Assert.IsType<ToolboxDescription>(ToolboxDescription.Read(output));
        Assert.Equal("get-stock", tool.Name);
        Assert.Contains("which", tool.InputSchema, StringComparison.Ordinal);
    }
}
