using Amp.Sdk.Tests.Support;
using Amp.Testing;

namespace Amp.Sdk.Tests.RealRuns;

/// <summary>Images on each build: they reach the model as they are, or the run is refused before it starts.</summary>
public sealed class ImageRunTests
{
    public static TheoryData<RealCliBuild> Builds => RealRun.Builds;

    [Theory]
    [MemberData(nameof(Builds))]
    public async Task Images_of_a_prompt_reach_the_model(RealCliBuild build)
    {
        await using RealRun run = await RealRun.StartAsync(build);
        string file = Path.Combine(run.Project, "screen.png");
        File.WriteAllBytes(file, TestImages.Pixel());
        run.Options = run.Options with { Images = [InputImage.FromFile(file), InputImage.FromBytes(TestImages.Gif(20, 10))] };
        RunOutcome outcome = await run.RunAsync("What is this?");
        if (build == RealCliBuild.January2026)
        {
            outcome.Failed<AmpValidationException>(AmpErrorId.UnsupportedByCli);
            Assert.Empty(run.Service.Requests);
            return;
        }

        outcome.Finished();
        string sent = run.Service.Requests[0].RawJson;
        Assert.Contains(Convert.ToBase64String(TestImages.Pixel()), sent, StringComparison.Ordinal);
        Assert.Contains(Convert.ToBase64String(TestImages.Gif(20, 10)), sent, StringComparison.Ordinal);
        Assert.Contains("image/gif", sent, StringComparison.Ordinal);
        Assert.Contains("What is this?", Assert.Single(run.Service.Requests[0].Prompts, prompt => prompt.Contains("What is", StringComparison.Ordinal)), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Builds))]
    public async Task A_message_of_a_session_has_images_and_one_that_the_CLI_refuses_leaves_the_session_usable(RealCliBuild build)
    {
        await using RealRun run = await RealRun.StartAsync(build);
        await using AmpSession session = await AmpSession.OpenAsync(run.Options, cancellationToken: TestContext.Current.CancellationToken);
        UserInputMessage withImage = new("What is this?", [InputImage.FromBytes(TestImages.Pixel())]);
        if (build == RealCliBuild.January2026)
        {
            AmpValidationException refused = await Assert.ThrowsAsync<AmpValidationException>(() => AnswerAsync(session, withImage));
            Assert.Equal(AmpErrorId.UnsupportedByCli, refused.ErrorId);
        }
        else
        {
            await AnswerAsync(session, withImage);
            Assert.Contains(Convert.ToBase64String(TestImages.Pixel()), run.Service.Requests[0].RawJson, StringComparison.Ordinal);
        }

        Assert.Contains("And now?", await AnswerAsync(session, new UserInputMessage("And now?")), StringComparison.Ordinal);
    }

    private static async Task<string> AnswerAsync(AmpSession session, UserInputMessage message)
    {
        string text = string.Empty;
        await foreach (StreamMessage item in session.SendAsync(message, TestContext.Current.CancellationToken))
        {
            text = (item as AssistantMessage)?.Text ?? text;
        }

        return text;
    }
}
