using System.Text.Json;
using Amp.Testing;

namespace Amp.Sdk.Extensions.Tests;

public sealed class AgentFunctionTests
{
    [Fact]
    public async Task The_function_describes_itself_and_returns_the_answer()
    {
        using FakeChat chat = new(new FakeCliScript().Echo());
        AIFunction function = AgentFunction.Create(chat.Options);
        Assert.Equal(AgentFunction.DefaultName, function.Name);
        Assert.NotEmpty(function.Description);
        Assert.Equal("string", function.JsonSchema.GetProperty("properties").GetProperty("prompt").GetProperty("type").GetString());
        Assert.Equal("prompt", function.JsonSchema.GetProperty("required")[0].GetString());
        Assert.Equal("Echo: hi", await function.InvokeAsync(new AIFunctionArguments { ["prompt"] = "hi" }, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_call_without_a_prompt_is_refused()
    {
        using FakeChat chat = new(new FakeCliScript().Echo());
        AIFunction function = AgentFunction.Create(chat.Options, "helper", "Helps.");
        Assert.Equal(("helper", "Helps."), (function.Name, function.Description));
        AmpValidationException error = await Assert.ThrowsAsync<AmpValidationException>(async () =>
            await function.InvokeAsync(new AIFunctionArguments { ["prompt"] = JsonSerializer.SerializeToElement(1) }, TestContext.Current.CancellationToken));
        Assert.Equal("prompt", error.OptionName);
        Assert.False(chat.HasStarted);
    }

    [Fact]
    public async Task Canceling_the_call_ends_the_CLI_and_a_failed_run_is_an_exception()
    {
        using FakeChat chat = new(new FakeCliScript().EndPolitely().Init().Hang());
        using CancellationTokenSource cancel = new();
        Task<object?> call = AgentFunction.Create(chat.Options).InvokeAsync(new AIFunctionArguments { ["prompt"] = "hi" }, cancel.Token).AsTask();
        Assert.True(await Eventually.IsTrueAsync(() => chat.HasStarted, FakeChat.HangLimit));
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call.WaitAsync(FakeChat.HangLimit, TestContext.Current.CancellationToken));
        chat.NothingIsLeft();

        using FakeChat failing = new(new FakeCliScript().Init().ErrorResult("No more."));
        await Assert.ThrowsAsync<AmpAgentException>(async () => await AgentFunction.Create(failing.Options).InvokeAsync(
            new AIFunctionArguments { ["prompt"] = "hi" }, TestContext.Current.CancellationToken));
    }
}
