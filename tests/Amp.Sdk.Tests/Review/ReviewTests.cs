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

    private static async Task<AmpReview> ReviewAsync(string json, int exitCode)
    {
        using FakeRun fake = new();
        string help = fake.Mark("help.txt");
        await File.WriteAllTextAsync(help, "Options:\n\n  -i, --instructions <text>\n      Text\n  --json\n      JSON\n\n", TestContext.Current.CancellationToken);
        fake.Follow(new FakeCliScript().Help(help).Out(json).Exit(exitCode));
        fake.Set(("XDG_CACHE_HOME", fake.Mark("cache")));
        return await new ReviewClient(fake.CliOptions()).RunAsync(cancellationToken: TestContext.Current.CancellationToken);
    }
}
