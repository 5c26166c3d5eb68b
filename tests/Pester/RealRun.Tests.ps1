#Requires -Version 7.4

BeforeDiscovery {
    Import-Module (Join-Path $PSScriptRoot 'Amp.TestSupport.psm1')
    # A question that nobody answers ends a run of the builds until May 2026; the native ones reject the call and go on. January's may wait for
    # ever there, and has neither labels nor thinking: what its runs give is tested in the library (RealRuns).
    $builds = foreach ($build in 'MarchCli', 'MayCli', 'NativeCli') {
        $native = $build -eq 'NativeCli'
        @{ Build = $build; Missing = (Get-AmpTestGap $build); IsNative = $native; Shell = $native ? 'shell_command' : 'Bash' }
    }
}

BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'Amp.TestSupport.psm1')
    Import-Module (Get-AmpTestLayout).Module
}

foreach ($one in $builds) {
    Describe "A run of the real CLI: $($one.Build)$($one.Missing)" -ForEach $one -Skip:([bool] $one.Missing) {
        BeforeAll {
            $place = Open-AmpTestPlace
            $service = Open-AmpLocalService $place
            $call = Get-AmpLocalCall $place $service
            $call.CliPath = (Get-AmpTestLayout).$Build
        }

        AfterAll {
            Close-AmpTestPlace $place
        }

        AfterEach {
            Get-AmpTestLeftover $place | Should -BeNullOrEmpty
        }

        Context 'that answers with text only' {
            BeforeAll {
                $messages = Invoke-AmpAgent 'hello' @call -ErrorVariable errors -WarningVariable warnings
            }

            It 'gives the init message, the prompt, the answer and the result, in this order and without a complaint' {
                $messages | ForEach-Object { $_.GetType().FullName } |
                    Should -Be 'Amp.SystemMessage', 'Amp.UserMessage', 'Amp.AssistantMessage', 'Amp.ResultMessage'
                $errors | Should -BeNullOrEmpty
                $warnings | Should -BeNullOrEmpty
            }

            It 'names one thread in all of them' {
                $messages.ThreadId | Select-Object -Unique | Should -Match '^T-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'
                $messages.ThreadId | Should -Be $messages.SessionId
            }

            It 'tells the prompt, the answer, the turns, the time and the tokens' {
                $messages[0].Cwd | Should -Be $place.Project
                $messages[0].Tools | Should -Contain $Shell
                $messages[1].Text | Should -Be 'hello'
                $messages[2].Text | Should -Be 'Echo: hello'
                $messages[2].StopReason | Should -Be 'end_turn'
                $result = $messages[3]
                $result.Result | Should -Be 'Echo: hello'
                $result.IsError | Should -BeFalse
                $result.NumTurns | Should -Be 1
                $result.Duration | Should -BeOfType [timespan]
                $result.Duration.TotalMilliseconds | Should -Be $result.DurationMs
                $result.Usage.InputTokens | Should -Be 10
                $result.Usage.OutputTokens | Should -Be 20
            }
        }

        It 'gives only the result with -ResultOnly' {
            $result = Invoke-AmpAgent 'hello' @call -ResultOnly
            $result | Should -BeOfType [Amp.ResultMessage]
            @($result).Count | Should -Be 1
            $result.Result | Should -Be 'Echo: hello'
        }

        It 'gives the thread its labels, at the service' {
            $result = Invoke-AmpAgent 'hello' @call -Label 'nightly', 'team-a' -ResultOnly
            $threads = Invoke-RestMethod "$($service.Url)/api/threads" -Headers @{ Authorization = 'Bearer local-key-0123456789' }

            ($threads | Where-Object id -EQ $result.ThreadId).labels | Should -Be 'nightly', 'team-a'
            @($threads).Count | Should -BeGreaterThan 1
            ($threads | Where-Object id -NE $result.ThreadId).labels | Should -BeNullOrEmpty
        }

        It 'shows a tool that succeeds: its input, its output, its exit code' {
            Set-Content -LiteralPath (Join-Path $place.Project 'note.txt') -Value 'from the project'
            $messages = Invoke-AmpAgent 'RUN:shell {"command":"cat note.txt"}END' @call

            $use = @($messages.ToolUse)
            $use.Count | Should -Be 1
            $use[0].Name | Should -Be $Shell
            $use[0].Command | Should -Be 'cat note.txt'
            $toolResult = @($messages.ToolResult)
            $toolResult.Count | Should -Be 1
            $toolResult[0].ToolUseId | Should -Be $use[0].Id
            $toolResult[0].ExitCode | Should -Be 0
            $toolResult[0].Text.Trim() | Should -Be 'from the project'
            $toolResult[0].IsError | Should -BeFalse
            $messages[-1].NumTurns | Should -Be 2
            $messages[-1].Usage.OutputTokens | Should -Be 40 -Because 'the run took two answers of 20 tokens'
        }

        It 'shows a tool that fails, which is no error of the run' {
            $messages = Invoke-AmpAgent 'RUN:shell {"command":"ls not-there"}END' @call -ErrorVariable errors

            $toolResult = @($messages.ToolResult)
            $toolResult[0].ExitCode | Should -BeGreaterThan 0
            $toolResult[0].Text | Should -BeLike '*not-there*'
            $messages[-1].IsError | Should -BeFalse
            $errors | Should -BeNullOrEmpty
        }

        Context 'that needs an approval nobody can give' {
            It 'tells the agent, and is a warning and a result that says so' -Skip:(-not $IsNative) {
                $messages = Invoke-AmpAgent 'RUN:shell {"command":"git push"}END' @call -ErrorVariable errors -WarningVariable warnings 3>$null
                $errors | Should -BeNullOrEmpty
                @($warnings).Count | Should -Be 1
                $messages[-1].Outcome | Should -Be Denied
                $messages[-1].Denials.Tool | Should -Be $Shell
            }

            It 'gives the error result as an object and as an error that does not end the statement' -Skip:$IsNative {
                $messages = Invoke-AmpAgent 'RUN:shell {"command":"git push"}END' @call -ErrorVariable errors -ErrorAction SilentlyContinue

                $messages[-1] | Should -BeOfType [Amp.ErrorResultMessage]
                $messages[-1].Error | Should -BeLike '*require user approval*Bash*'
                $errors.Count | Should -Be 1
                $errors[0].FullyQualifiedErrorId | Should -Be 'AgentError,Amp.PowerShell.Commands.InvokeAmpAgentCommand'
                $errors[0].CategoryInfo.Category | Should -Be 'InvalidResult'
                $errors[0].TargetObject | Should -Be $messages[-1]
                $errors[0].Exception | Should -BeOfType [Amp.AmpAgentException]
                $errors[0].Exception.ThreadId | Should -Be $messages[0].ThreadId
                $errors[0].ErrorDetails.RecommendedAction | Should -BeLike '*permission*'
            }

            It 'throws with -ErrorAction Stop, behind the last message' {
                $seen = [System.Collections.Generic.List[object]]::new()
                {
                    Invoke-AmpAgent 'RUN:shell {"command":"git push"}END' @call -FailOnDenial -ErrorAction Stop | ForEach-Object { $seen.Add($_) }
                } | Should -Throw -ErrorId 'AgentError,Amp.PowerShell.Commands.InvokeAmpAgentCommand'
                $seen[-1] | Should -BeOfType ($IsNative ? [Amp.ResultMessage] : [Amp.ErrorResultMessage])
            }

            It 'does so though the CLI itself exits with 0' -Skip:($IsWindows -or $IsNative) {
                $exitFile = Join-Path $place.Root 'exit-code'
                $wrapper = Join-Path $place.Root 'amp-wrapper'
                Set-Content -LiteralPath $wrapper -Value "#!/bin/sh`nnode '$($call.CliPath)' `"`$@`"`ncode=`$?`necho `$code >'$exitFile'`nexit `$code"
                chmod +x $wrapper
                $own = $call.Clone()
                $own.CliPath = $wrapper
                Invoke-AmpAgent 'RUN:shell {"command":"git push"}END' @own -ErrorVariable errors -ErrorAction SilentlyContinue | Out-Null

                Get-Content -LiteralPath $exitFile | Should -Be '0'
                $errors.FullyQualifiedErrorId | Should -Be 'AgentError,Amp.PowerShell.Commands.InvokeAmpAgentCommand'
            }

            It 'runs it all the same with -DangerouslyAllowAll' {
                $messages = Invoke-AmpAgent 'RUN:shell {"command":"touch allowed; git push"}END' @call -DangerouslyAllowAll

                $messages[-1].IsError | Should -BeFalse
                Join-Path $place.Project 'allowed' | Should -Exist
            }
        }

        It 'gives the model''s thinking where it is asked for, and not otherwise' {
            $with = Invoke-AmpAgent 'THINK about it' @call -IncludeThinking
            $without = Invoke-AmpAgent 'THINK about it' @call

            $with.Content.Thinking | Should -Contain 'let me think'
            $without.Content | Where-Object { $_ -is [Amp.ThinkingContent] } | Should -BeNullOrEmpty
        }

        It 'tells that the service is not there' {
            $own = $call.Clone()
            $own.Environment = $call.Environment.Clone()
            $own.Environment.AMP_URL = 'http://127.0.0.1:9'
            $messages = Invoke-AmpAgent 'hello' @own -ErrorVariable errors -ErrorAction SilentlyContinue

            $messages | Should -BeNullOrEmpty
            $errors.Count | Should -Be 1
            $errors[0].FullyQualifiedErrorId | Should -Be 'ServiceUnreachable,Amp.PowerShell.Commands.InvokeAmpAgentCommand'
            $errors[0].CategoryInfo.Category | Should -Be 'ConnectionError'
            $errors[0].Exception.Message | Should -BeLike '*http://127.0.0.1:9*'
            $errors[0].Exception.Message | Should -Not -Match "`e"
            $errors[0].ErrorDetails.RecommendedAction | Should -BeLike '*AMP_URL*'
        }

        It 'ends the login that a missing API key starts' {
            $own = $call.Clone()
            $own.Environment = $call.Environment.Clone()
            $own.Environment.AMP_API_KEY = $null
            # The login of the CLI never ends by itself.
            $messages = Invoke-AmpAgent 'hello' @own -ErrorVariable errors -ErrorAction SilentlyContinue -WarningVariable warnings 3>$null

            $messages | Should -BeNullOrEmpty
            $errors.FullyQualifiedErrorId | Should -Be 'NotAuthenticated,Amp.PowerShell.Commands.InvokeAmpAgentCommand'
            $errors[0].CategoryInfo.Category | Should -Be 'AuthenticationError'
            $errors[0].ErrorDetails.RecommendedAction | Should -BeLike '*AMP_API_KEY*'
            "$errors $warnings" | Should -Not -Match 'authToken=\w'
        }
    }
}
