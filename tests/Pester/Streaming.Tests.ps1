#Requires -Version 7.4

BeforeDiscovery {
    Import-Module (Join-Path $PSScriptRoot 'Amp.TestSupport.psm1')
    $missing = Get-AmpTestGap MarchCli
}

BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'Amp.TestSupport.psm1')
    Import-Module (Get-AmpTestLayout).Module
}

Describe "Messages of the real CLI arrive while the agent works$missing" -Skip:([bool] $missing) {
    BeforeAll {
        $place = Open-AmpTestPlace
        $scenario = @{
            rules = @(
                @{ when = @{ step = 0 }; answer = @{ blocks = @('I look.', @{ tool = 'Bash'; input = @{ cmd = 'ls' } }) } }
                @{ when = @{ step = 1 }; answer = @{ delayMs = 10000; blocks = @('I have seen it.') } }
            )
        }
        $service = Open-AmpLocalService $place -Scenario $scenario
        $call = Get-AmpLocalCall $place $service
        $arrivals = Invoke-AmpAgent 'look' @call | ForEach-Object {
            [pscustomobject]@{ At = [System.DateTimeOffset]::UtcNow; Message = $_ }
        }
        $requests = @(Get-AmpModelRequest $service)
        $secondAnswer = [System.DateTimeOffset] $requests[1].receivedAt + [timespan]::FromMilliseconds(10000)
    }

    AfterAll {
        Close-AmpTestPlace $place
    }

    It 'the first answer, the tool call and its result before the model has answered again' {
        $requests.Count | Should -Be 2
        $early = $arrivals | Where-Object { $_.At -lt $secondAnswer }
        $early.Message | ForEach-Object { $_.GetType().Name } |
            Should -Be 'SystemMessage', 'UserMessage', 'AssistantMessage', 'UserMessage'
        $early[2].Message.Text | Should -Be 'I look.'
        $early[3].Message.ToolResult.ExitCode | Should -Be 0
    }

    It 'the second answer and the result after it' {
        $late = $arrivals | Where-Object { $_.At -ge $secondAnswer }
        $late.Message | ForEach-Object { $_.GetType().Name } | Should -Be 'AssistantMessage', 'ResultMessage'
    }
}

Describe 'Every message' {
    BeforeEach {
        $place = Open-AmpTestPlace
    }

    AfterEach {
        Close-AmpTestPlace $place
    }

    It 'is in the pipeline before the CLI writes the next one' {
        # The CLI goes on only when the message that it wrote last has arrived: held back anywhere, the run would time out.
        $steps = 'init', "waitfor $($place.Root)/seen-1", 'assistant one', "waitfor $($place.Root)/seen-2", 'assistant two',
            "waitfor $($place.Root)/seen-3", 'result two'
        $call = Get-AmpFakeCall $place $steps
        $count = 0
        $types = Invoke-AmpAgent 'go' @call -TimeoutSec 300 | ForEach-Object {
            $count++
            $null = New-Item -ItemType File -Path (Join-Path $place.Root "seen-$count")
            $_.GetType().Name
        }

        $types | Should -Be 'SystemMessage', 'AssistantMessage', 'AssistantMessage', 'ResultMessage'
    }

    It 'that is written in pieces arrives once and whole' {
        $line = '{"type":"assistant","message":{"role":"assistant","content":[{"type":"text","text":"ein Ü"}]},"session_id":"T-1"}'
        $bytes = [System.Text.Encoding]::UTF8.GetBytes($line + "`n")
        $steps = @('init') + ($bytes | ForEach-Object { 'bytes {0:x2}' -f $_ }) + @('result done')
        $call = Get-AmpFakeCall $place $steps
        $messages = Invoke-AmpAgent 'go' @call

        $messages.Count | Should -Be 3
        $messages[1].Text | Should -BeExactly 'ein Ü'
        $messages[1].RawJson | Should -BeExactly $line
    }

    It 'of 20,000 arrives, however slowly they are taken' {
        $call = Get-AmpFakeCall $place 'init', 'repeat 20000 assistant x', 'result done'
        $seen = 0
        Invoke-AmpAgent 'go' @call | ForEach-Object { if (++$seen -eq 10) { Start-Sleep -Milliseconds 300 } }

        $seen | Should -Be 20002
    }

    It 'with a text of 20 MB arrives whole' {
        $call = Get-AmpFakeCall $place 'init', 'line 20M', 'result done'
        $messages = Invoke-AmpAgent 'go' @call

        $messages[1].Text.Length | Should -Be 20MB
    }

    It 'is in an assignment, a variable of -OutVariable and the pipeline alike' {
        $call = Get-AmpFakeCall $place
        $messages = Invoke-AmpAgent 'go' @call -OutVariable kept

        $kept.Count | Should -Be $messages.Count
        $kept[-1] | Should -Be $messages[-1]
    }
}
