using System.Text;
using Amp.Json;

namespace Amp.Sdk.Tests.Settings;

public sealed class JsonSourceTests
{
    [Theory]
    [InlineData("{\n  \"a\": nopeCANARY\n}", 2)]
    [InlineData("{\"Authorization\": \"Bearer CANARY", 1)]
    [InlineData("{\"a\":1} CANARY", 1)]
    [InlineData("CANARY", 1)]
    public void What_is_wrong_with_JSON_is_told_by_its_place_and_never_by_its_text(string json, int line)
    {
        AmpValidationException error = Assert.Throws<AmpValidationException>(
            () => JsonSource.ParseObject(Encoding.UTF8.GetBytes(json), "the text", "McpConfig"));
        Assert.Contains($"line {line}, column ", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("CANARY", error.ToString(), StringComparison.Ordinal);
    }
}
