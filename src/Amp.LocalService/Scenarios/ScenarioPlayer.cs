using System.Text.RegularExpressions;
using Amp.LocalService.Model;

namespace Amp.LocalService.Scenarios;

/// <summary>Plays one scenario: finds the answer of each request and counts how often a rule was used.</summary>
internal sealed class ScenarioPlayer(Scenario scenario)
{
    private readonly object _lock = new();
    private readonly int[] _used = new int[scenario.Rules.Count];

    public ScenarioAnswer Answer(ModelRequest request)
    {
        for (int index = 0; index < scenario.Rules.Count; index++)
        {
            ScenarioRule rule = scenario.Rules[index];
            if (Matches(rule, request, out Match? prompt, out Match? toolResult) && Take(index, rule.Times))
            {
                ScenarioAnswer answer = Placeholders.Fill(rule.Answer, name => Value(name, request, prompt, toolResult));
                return ShellTool.Resolve(answer, request.OfferedTools);
            }
        }

        return scenario.Unmatched == UnmatchedRequest.DefaultAnswer
            ? ShellTool.Resolve(DefaultAnswers.Answer(request), request.OfferedTools)
            : new ScenarioAnswer { Error = new ServiceError(400) { Message = Explain(request) } };
    }

    private static bool Matches(ScenarioRule rule, ModelRequest request, out Match? prompt, out Match? toolResult)
    {
        prompt = null;
        toolResult = null;
        if ((rule.Turn is { } turn && turn != request.Turn) || (rule.Step is { } step && step != request.Step))
        {
            return false;
        }

        if (rule.Prompt is not null && !(prompt = rule.Prompt.Match(request.Prompt)).Success)
        {
            return false;
        }

        return rule.ToolResult is null
            || (request.LastToolResult is not null && (toolResult = rule.ToolResult.Match(request.LastToolResult)).Success);
    }

    private bool Take(int index, int? times)
    {
        lock (_lock)
        {
            if (_used[index] >= times)
            {
                return false;
            }

            _used[index]++;
            return true;
        }
    }

    private static string Value(string name, ModelRequest request, Match? prompt, Match? toolResult)
    {
        if (toolResult?.Groups[name] is { Success: true } fromResult)
        {
            return fromResult.Value;
        }

        if (prompt?.Groups[name] is { Success: true } fromPrompt)
        {
            return fromPrompt.Value;
        }

        return name switch
        {
            "prompt" => request.Prompt,
            "firstPrompt" => request.Prompts.Count > 0 ? request.Prompts[0] : "",
            "previousPrompt" => request.Prompts.Count > 1 ? request.Prompts[^2] : "",
            "toolResult" => request.LastToolResult ?? "",
            _ => "",
        };
    }

    private static string Explain(ModelRequest request)
    {
        string prompt = request.Prompt.Length <= 200 ? request.Prompt : request.Prompt[..200] + "...";
        return $"No rule of the scenario matches turn {request.Turn}, step {request.Step}, prompt: {prompt}";
    }
}
