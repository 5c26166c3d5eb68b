namespace Amp.Sdk.Tests.Approval;

/// <summary>What somebody is shown who is asked: all of the call, or as much as tells that there is more.</summary>
public sealed class RequestTextTests
{
    [Fact]
    public void Of_a_long_call_the_end_is_shown_too_and_how_much_is_not()
    {
        string text = Request(new string('x', 5000) + "; rm -rf CANARY").ToString();
        Assert.EndsWith("; rm -rf CANARY\"}", text, StringComparison.Ordinal);
        Assert.StartsWith("Bash {", text, StringComparison.Ordinal);
        Assert.Matches(@"\[\d{4} of \d{4} characters are not shown\]", text);
    }

    [Fact]
    public void A_call_that_fits_is_shown_as_a_whole()
    {
        ApprovalRequest request = Request(new string('x', 5000));
        Assert.Equal($"Bash {request.InputJson}", request.ToText(8000));
        Assert.Equal(request.ToText(500), request.ToString());
    }

    [Theory]
    [InlineData('\u001b')]
    [InlineData('\u009b')]
    [InlineData('\u202e')]
    [InlineData('\u0007')]
    public void What_would_hide_text_is_shown_as_it_is_written(char control)
    {
        string text = Request($"echo a{control}[8mhidden").ToString();
        Assert.DoesNotContain(control, text);
        Assert.Contains($"a\\u{(int)control:x4}[8mhidden", text, StringComparison.Ordinal);
    }

    private static ApprovalRequest Request(string command) => new("Bash", "id", "T-1", $$"""{"cmd":"{{command}}"}""", "/folder");
}
