using Amp.Clients.Review;
using Amp.Sdk.Tests.Support;
using Amp.Testing;

namespace Amp.Sdk.Tests.Review;

/// <summary>The JSON of a review, as the CLIs of summer 2026 and later write it. They exit with 0 whatever they find, and with 1 if the review failed.</summary>
public sealed class ReviewTests
{
    private const string Comment = """{"filename":"a.txt","startLine":3,"endLine":4,"severity":"high","text":"No."}""";

    [Theory]
    [InlineData("""{"error":"no model","comments":[],"files":[],"checks":[]}""", 1)]
    [InlineData("""{"error":{"message":"no model"}}""", 1)]
    [InlineData("""{"error":{"message":"no model"},"comments":[]}""", 0)]
    [InlineData("""{"errors":[{"message":"no model"},"and more"]}""", 1)]
    public async Task A_failed_review_is_an_error_in_the_words_of_the_CLI(string json, int exitCode)
    {
        AmpProcessException error = await Assert.ThrowsAsync<AmpProcessException>(() => ReviewAsync(json, exitCode));
        Assert.Equal((AmpErrorId.CliFailed, exitCode), (error.ErrorId, error.ExitCode));
        Assert.Contains("no model", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"comments":[]}""")]
    [InlineData($$"""{"comments":[{{Comment}}]}""")]
    public async Task A_review_that_failed_without_words_is_not_a_clean_one(string json)
    {
        AmpProcessException error = await Assert.ThrowsAsync<AmpProcessException>(() => ReviewAsync(json, exitCode: 1));
        Assert.Equal((AmpErrorId.CliFailed, 1), (error.ErrorId, error.ExitCode));
    }

    [Fact]
    public async Task A_review_is_what_the_CLI_found()
    {
        AmpReview review = await ReviewAsync($$"""{"comments":[{{Comment}}],"files":[],"checks":[]}""", exitCode: 0);
        ReviewComment comment = Assert.Single(review.Comments);
        Assert.Equal(("a.txt", 3, 4, "high", "No."), (comment.File, comment.Line, comment.EndLine, comment.Severity, comment.Text));
        Assert.Empty((await ReviewAsync("""{"comments":[],"files":[],"checks":[]}""", exitCode: 0)).Comments);
    }

    [Fact]
    public void A_comment_can_contain_a_line_like_the_heading_of_the_summary()
    {
        AmpReview review = ReviewText.Read($"Review\n● a.txt\n{Link("a.txt", 3)}\nOne.\nSummary\n{Link("a.txt", 7)}\nTwo.\n● b.txt\n{Link("b.txt", 1)}\nThree.\n");
        Assert.Null(review.Summary);
        Assert.Equal(
            [("a.txt", 3, "One.\nSummary"), ("a.txt", 7, "Two."), ("b.txt", 1, "Three.")],
            review.Comments.Select(comment => (comment.File, comment.Line, comment.Text)));
    }

    [Fact]
    public async Task A_line_like_an_error_in_a_review_is_text_of_the_model()
    {
        AmpReview review = await ReviewAsync($"Summary (git diff)\nError codes: new.\n\nReview\n● a.txt\n{Link("a.txt", 3)}\nOne.\nError handling: none.\n", exitCode: 0, isJson: false);
        Assert.Equal("Error codes: new.", review.Summary);
        Assert.Equal("One.\nError handling: none.", Assert.Single(review.Comments).Text);
    }

    [Fact]
    public async Task A_review_without_its_summary_is_a_review()
    {
        AmpReview review = await ReviewAsync("Error generating summary: no model\nReview\nNo issues found.\n\nNo checks were run.\n", exitCode: 0, isJson: false);
        Assert.Null(review.Summary);
        Assert.Empty(review.Comments);
        Assert.Contains("no model", review.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_error_instead_of_a_review_is_an_error()
    {
        AmpProcessException error = await Assert.ThrowsAsync<AmpProcessException>(() => ReviewAsync("Error generating summary: no model\n", exitCode: 0, isJson: false));
        Assert.Equal(AmpErrorId.CliFailed, error.ErrorId);
        Assert.Contains("no model", error.Message, StringComparison.Ordinal);
    }

    private static string Link(string path, int line) => $"\u001b]8;;vscode://file/{path}:{line}\u0007@L{line}\u001b]8;;\u0007";

    private static async Task<AmpReview> ReviewAsync(string answer, int exitCode, bool isJson = true)
    {
        using FakeRun fake = new();
        string help = fake.Mark("help.txt");
        await File.WriteAllTextAsync(help, "Options:\n\n  -i, --instructions <text>\n      Text\n" + (isJson ? "  --json\n      JSON\n\n" : "\n"), TestContext.Current.CancellationToken);
        fake.Follow(new FakeCliScript().Help(help).Raw(answer).Exit(exitCode));
        fake.Set(("XDG_CACHE_HOME", fake.Mark("cache")));
        return await new ReviewClient(fake.CliOptions()).RunAsync(cancellationToken: TestContext.Current.CancellationToken);
    }
}
