#Requires -Version 7.4

BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'Amp.TestSupport.psm1')
    Import-Module (Get-AmpTestLayout).Module
}

Describe 'A budget' {
    BeforeEach {
        $place = Open-AmpTestPlace
        $file = Join-Path $place.Project 'budget[1].json'
    }

    AfterEach {
        Get-AmpSession | Remove-AmpSession -ErrorAction Ignore
        Close-AmpTestPlace $place
    }

    It 'has limits, and is listed' {
        $budget = New-AmpBudget -TokenLimit 1000 -TurnLimit 5 -ToolUseLimit 6 -CostLimit 2.5
        $budget.TokenLimit, $budget.TurnLimit, $budget.ToolUseLimit, $budget.CostLimit | Should -Be 1000, 5, 6, 2.5
        $budget.TokensUsed, $budget.TokensLeft, $budget.TurnsLeft, $budget.CostLeft | Should -Be 0, 1000, 5, 2.5
        $budget.IsReached | Should -BeFalse
        Get-AmpBudget | Where-Object { [object]::ReferenceEquals($_, $budget) } | Should -HaveCount 1
        "$budget" | Should -Be '0 of 1,000 tokens, 0 of 5 turns, 0 of 6 tool uses, 0 of $2.50'
    }

    It 'in a file is opened again, and its limits hold unless -Force replaces them' {
        $null = New-AmpBudget -TokenLimit 1000 -LiteralPath $file -WhatIf
        $file | Should -Not -Exist
        $first = New-AmpBudget -TokenLimit 1000 -LiteralPath $file
        Get-Item -LiteralPath $file | Should -HaveCount 1
        { New-AmpBudget -TokenLimit 500 -LiteralPath $file } | Should -Throw '*1,000 tokens, not 500 tokens*' -ErrorId 'InvalidOption,*'
        (New-AmpBudget -LiteralPath $file).TokenLimit | Should -Be 1000
        (New-AmpBudget -TokenLimit 500 -LiteralPath $file -Force).TokenLimit | Should -Be 500
        $first.TokenLimit | Should -Be 500
        (Get-Item -LiteralPath $file | Get-AmpBudget).TokenLimit | Should -Be 500
        @(Get-AmpBudget | Where-Object Path -EQ $file) | Should -HaveCount 1
        Set-Content -LiteralPath $file 'broken'
        Get-AmpBudget -LiteralPath $file -ErrorVariable errors -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        $errors[0].FullyQualifiedErrorId | Should -Be 'InvalidOption,Amp.PowerShell.Commands.GetAmpBudgetCommand'
    }

    It 'is refused where it cannot be meant: <Name>' -ForEach @(
        @{ Name = 'no limit'; Code = { New-AmpBudget }; Id = 'InvalidOption,*' }
        @{ Name = 'no file'; Code = { New-AmpBudget -LiteralPath $file }; Id = 'InvalidOption,*' }
        @{ Name = 'zero'; Code = { New-AmpBudget -TokenLimit 0 }; Id = 'ParameterArgumentValidationError,*' }
        @{ Name = 'negative'; Code = { New-AmpBudget -CostLimit -0.5 }; Id = 'ParameterArgumentValidationError,*' }
        @{ Name = 'null'; Code = { Invoke-AmpAgent 'go' -TurnLimit $null }; Id = 'ParameterArgumentValidationError,*' }
        @{ Name = 'a limit of a run'; Code = { Invoke-AmpAgent 'go' -ToolUseLimit 0 }; Id = 'ParameterArgumentValidationError,*' }
        @{ Name = 'no budget'; Code = { Invoke-AmpAgent 'go' -Budget $null }; Id = 'InvalidOption,*' }
        @{ Name = '-Force alone'; Code = { New-AmpBudget -TokenLimit 1 -Force }; Id = 'InvalidOption,*' }
    ) {
        $Code | Should -Throw -ErrorId $Id
    }

    It 'of a run ends it with an error, and the next prompt has its own' {
        $call = Get-AmpFakeCall $place 'polite', 'init', 'assistant one', 'result done'
        $results = 'a', 'b' | Invoke-AmpAgent @call -TokenLimit 10 -ResultOnly -WarningVariable warnings -WarningAction SilentlyContinue
        $results.Outcome | Should -Be 'Succeeded', 'Succeeded'
        $warnings.Message | Should -Be (@('The token limit of 10 is reached: the run has used 30 tokens.') * 2)

        $tool = '{"type":"assistant","message":{"role":"assistant","stop_reason":"tool_use","content":[{"type":"tool_use","id":"1","name":"Bash","input":{}}],"usage":{"input_tokens":10,"output_tokens":20}},"parent_tool_use_id":null,"session_id":"${SESSION}"}'
        $call = Get-AmpFakeCall $place 'polite', 'init', "out $tool", 'hang'
        $messages = 'a', 'b' | Invoke-AmpAgent @call -TurnLimit 1 -ErrorVariable errors -ErrorAction SilentlyContinue
        ($messages | Where-Object Type -EQ result).Outcome | Should -Be 'BudgetReached', 'BudgetReached'
        $errors.FullyQualifiedErrorId | Should -Be (@('BudgetReached,Amp.PowerShell.Commands.InvokeAmpAgentCommand') * 2)
        $errors[0].CategoryInfo.Category | Should -Be 'LimitsExceeded'
        $errors[0].ErrorDetails.RecommendedAction | Should -Be "Continue thread $($messages[0].ThreadId) with a larger limit."
    }

    It 'that is shared stops the pipeline when it is reached' {
        $call = Get-AmpFakeCall $place 'init', 'assistant one', 'result done'
        $budget = New-AmpBudget -TurnLimit 2
        $results = [System.Collections.Generic.List[object]]::new()
        { 'a', 'b', 'c', 'd' | Invoke-AmpAgent @call -Budget $budget -ResultOnly -WarningAction SilentlyContinue | ForEach-Object { $results.Add($_) } } |
            Should -Throw '*Nothing was started*' -ErrorId 'BudgetReached,*'
        $results.Count | Should -Be 2
        @(Get-AmpFakeRecord $place -Kind Run).Count | Should -Be 2
        $budget.IsReached | Should -BeTrue
        $budget.Reset()
        (Invoke-AmpAgent 'e' @call -Budget $budget -ResultOnly -WarningAction SilentlyContinue).Outcome | Should -Be 'Succeeded'
    }

    It 'of a session is that of all its turns' {
        $call = Get-AmpFakeCall $place 'init', 'turns'
        $session = New-AmpSession -TurnLimit 1 @call
        (Send-AmpMessage $session 'one' -ResultOnly -WarningAction SilentlyContinue).Text | Should -Be 'Echo: one'
        Send-AmpMessage $session 'two' -ErrorVariable errors -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        $errors[0].FullyQualifiedErrorId | Should -BeLike 'BudgetReached,*'
        $session.State | Should -Be 'Ready'
    }

    It 'in a file is shared by processes' {
        $call = Get-AmpFakeCall $place 'init', 'assistant one', 'result done'
        $null = New-AmpBudget -TokenLimit 100000 -LiteralPath $file
        $module = (Get-AmpTestLayout).Module
        $jobs = 1..2 | ForEach-Object {
            Start-Job {
                Import-Module $using:module
                $call = $using:call
                1..5 | ForEach-Object { $null = Invoke-AmpAgent 'go' @call -Budget (New-AmpBudget -LiteralPath $using:file) }
            }
        }
        $jobs | Receive-Job -Wait -AutoRemoveJob
        $shared = Get-AmpBudget -LiteralPath $file
        $shared.TurnsUsed, $shared.TokensUsed | Should -Be 10, 300
    }
}
